import { AFTER, BEFORE, COLUMN, type Column, OUTAGE, type Results, type Run } from './results.ts'
import type { Source } from './source.ts'

/** px */
const WIDTH = 860
const LEFT = 44
const RIGHT = 844
const HEADER = 62
const HEAD = 40
const PLOT = 120
const GAP = 22
const FOOTER = 40

/** In the order in which they are stacked. */
const KINDS: readonly (readonly [source: Source, style: string, label: string])[] = [
  ['redis', 'r', 'from Redis'],
  ['memory', 'm', 'from a copy in memory'],
  ['source', 'l', 'the source was called'],
]

/** Colours of 3:1 and more upon the ground for marks, of 4.5:1 and more for texts, in light and in dark. */
const STYLE = `
svg{--ink:#1f2328;--soft:#59636e;--grid:#d1d9e0;--fault:#fbe3e1;--r:#1a7f5a;--m:#7d46b8;--l:#bd560f;font:12px system-ui,-apple-system,"Segoe UI",sans-serif}
@media (prefers-color-scheme:dark){svg{--ink:#f0f6fc;--soft:#9198a1;--grid:#3d444d;--fault:#3a1d22;--r:#3fbf8f;--m:#bd93ff;--l:#f0883e}}
text{fill:var(--ink)}.s{fill:var(--soft)}.c{text-anchor:middle}.e{text-anchor:end}.t{font-weight:600}.h{font-weight:600;font-size:15px}
.g{stroke:var(--grid);fill:none}.f{fill:var(--fault)}.r{fill:var(--r)}.m{fill:var(--m)}.l{fill:var(--l)}`

/** The picture of a run, as SVG: what answered in each tenth of a second, without copies in memory and with them. */
export function draw({ runs, date, node, cpus }: Results): string {
  const shown = runs.filter(({ subject }) => subject.startsWith('fastmiss'))
  const most = Math.max(...shown.flatMap(({ columns }) => columns.map(total)))
  const height = HEADER + shown.length * (HEAD + PLOT + GAP) + FOOTER
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="t d">`,
    '<title id="t">What answers while Redis is silent, without copies in memory and with them</title>',
    `<desc id="d">${shown.map((run) => `${nameOf(run)}: ${saidOf(run)}.`).join(' ')}</desc>`,
    `<style>${STYLE}</style>`,
    '<text class="h" x="0" y="18">Redis falls silent for 3 seconds: what answers</text>',
    ...legend(),
    ...shown.map((run, index) => panel(run, HEADER + index * (HEAD + PLOT + GAP), most)),
    `<text class="s c" x="${(LEFT + RIGHT) / 2}" y="${height - FOOTER + 6}">seconds since Redis fell silent</text>`,
    `<text class="s" x="0" y="${height - 6}">${date.slice(0, 10)}, Node ${node.slice(1)}, ${cpus} CPUs, loopback. A column is the answers to what was asked for in a tenth of a second.</text>`,
    '</svg>\n',
  ].join('\n')
}

function legend(): readonly string[] {
  let x = 0
  const entries = [...KINDS.map(([, style, label]) => [style, label] as const), ['f', 'Redis is silent'] as const]
  return entries.map(([style, label]) => {
    const at = x
    x += 36 + label.length * 6.6
    return `<rect class="${style}" x="${round(at)}" y="34" width="12" height="12"/><text x="${round(at + 17)}" y="44">${label}</text>`
  })
}

function panel(run: Run, y: number, most: number): string {
  const top = y + HEAD
  const bottom = top + PLOT
  const seconds = Array.from({ length: (BEFORE + OUTAGE + AFTER) / 1_000 + 1 }, (_, index) => index - BEFORE / 1_000)
  const ticks = seconds.map((second) => `<text class="s c" x="${round(xOf(second * 1_000))}" y="${bottom + 14}">${second}</text>`)
  return [
    `<text class="t" x="0" y="${y + 16}">${nameOf(run)}</text><text class="s" x="0" y="${y + 32}">${saidOf(run)}</text>`,
    `<rect class="f" x="${round(xOf(0))}" y="${top}" width="${round(xOf(OUTAGE) - xOf(0))}" height="${PLOT}"/>`,
    `<path class="g" d="M${LEFT} ${top}H${RIGHT}M${LEFT} ${bottom}H${RIGHT}"/>`,
    `<text class="s e" x="${LEFT - 6}" y="${top + 9}">${most}</text><text class="s e" x="${LEFT - 6}" y="${bottom}">0</text>`,
    ...ticks,
    ...run.columns.filter(({ at }) => at < OUTAGE + AFTER).map((column) => stack(column, bottom, PLOT / most)),
  ].join('')
}

function stack({ at, counts }: Column, bottom: number, scale: number): string {
  let y = bottom
  return KINDS.map(([source, style]) => {
    const count = counts[source] ?? 0
    if (count === 0) return ''
    y -= count * scale
    return `<rect class="${style}" x="${round(xOf(at))}" y="${round(y)}" width="${round(xOf(COLUMN) - xOf(0) - 1)}" height="${round(count * scale)}"/>`
  }).join('')
}

function nameOf({ subject }: Run): string {
  return subject === 'fastmiss' ? 'Without copies' : 'With memory: { ttl: 1_000 }'
}

function saidOf({ requests, loads, p99 }: Run): string {
  const count = (of: number): string => of.toLocaleString('en-US')
  return `${count(requests)} reads in the outage, ${count(loads)} calls of the source; once the outage is known 99 of 100 are answered within ${p99} ms`
}

function total({ counts }: Column): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function xOf(at: number): number {
  return LEFT + ((at + BEFORE) / (BEFORE + OUTAGE + AFTER)) * (RIGHT - LEFT)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
