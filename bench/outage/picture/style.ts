/** Colours of 4.5:1 and more upon the ground of GitHub and of a plain page, in light and in dark. */
export const STYLE = `
svg{--ink:#1f2328;--soft:#59636e;--grid:#d1d9e0;--panel:#f6f8fa;--never:#ffebe9;--d:#b35900;--b:#0969da;--x:#cf222e;font:11px system-ui,-apple-system,"Segoe UI",sans-serif}
@media (prefers-color-scheme:dark){svg{--ink:#f0f6fc;--soft:#9198a1;--grid:#3d444d;--panel:#151b23;--never:#3c1618;--d:#f0a35e;--b:#6cb6ff;--x:#ff7b72}}
text{fill:var(--ink)}.s{fill:var(--soft);font-size:10px}.m{text-anchor:middle}.r{text-anchor:end}.t{font-weight:600;font-size:12px}.h1{font-weight:600;font-size:15px}
.p{fill:var(--panel)}.n{fill:var(--never)}.g{stroke:var(--grid);stroke-width:1;fill:none}.z{fill:var(--grid);fill-opacity:.28}
.d{--c:var(--d)}.b{--c:var(--b)}.f{fill:var(--c)}.h{fill:var(--panel);stroke:var(--c);stroke-width:1.4}.l{stroke:var(--c);stroke-width:1;stroke-opacity:.5;fill:none}
.x{stroke:var(--c);stroke-width:1.8;fill:none}`
