import type { Answer } from '../rehearsal.ts'

/** What a mark stands for: a status, a copy in memory, or the reason why an answer is degraded. */
export type MarkKind = string

/** @returns hit, miss, memory, or the reason */
export function kindOf({ status, reason, from }: Answer): MarkKind {
  return from === 'memory' ? from : (reason ?? status)
}

/** In the order of the legend; light and dark. Each stands out from the background by 3 to 1 at least (WCAG 1.4.11). */
const MARKS: Readonly<Record<string, readonly [light: string, dark: string, label: string]>> = {
  hit: ['#1a7f5a', '#3fbf8f', 'hit'],
  memory: ['#0e7490', '#22d3ee', 'hit from memory'],
  miss: ['#6b7682', '#8d98a5', 'miss'],
  cooldown: ['#a37400', '#e3b341', 'degraded: cooldown'],
  timeout: ['#c92a3a', '#ff7b7b', 'degraded: timeout'],
  unreachable: ['#7d46b8', '#bd93ff', 'degraded: unreachable'],
  protocol: ['#0b6fb3', '#58a6ff', 'degraded: protocol'],
  reply: ['#bd560f', '#f0883e', 'degraded: reply'],
  auth: ['#a82c78', '#ff85c5', 'degraded: auth'],
  oversize: ['#5d6b12', '#aebd52', 'degraded: oversize'],
  other: ['#3a4149', '#c9d1d9', 'degraded: another reason'],
}

/** The kinds, in the order of the legend. */
export const KINDS: readonly string[] = Object.keys(MARKS)

/** @returns the class of a mark, which is also its key in the legend */
export function classOf(kind: MarkKind): string {
  return kind in MARKS ? kind : 'other'
}

/** @returns what the legend says */
export function labelOf(kind: string): string {
  return MARKS[kind]?.[2] ?? kind
}

/** The style sheet. A viewer without dark mode takes the light one. */
export function styleSheet(): string {
  return `text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--ink)}
.title{font-size:17px;font-weight:600}.quiet{fill:var(--quiet)}.strong{font-weight:600}.kept{fill:var(--kept)}.broken{fill:var(--broken);font-weight:600}
.marks path,.swatch{fill:none;stroke-width:12}.dials{stroke:var(--ink);stroke-width:1.2;fill:none}
.paper{fill:var(--paper)}.fault{fill:var(--fault)}.grid{stroke:var(--grid);fill:none}.zero{stroke:var(--broken);stroke-dasharray:3 3}
${variables(0)}
@media(prefers-color-scheme:dark){${variables(1)}}`
}

const PAPER = {
  paper: ['#ffffff', '#0d1117'],
  ink: ['#1f2328', '#e6edf3'],
  quiet: ['#59636e', '#9198a1'],
  grid: ['#d8dee4', '#2b323b'],
  fault: ['#fbe3e1', '#3a1d22'],
  kept: ['#136a49', '#56d39f'],
  broken: ['#b3261e', '#ff8a80'],
} as const

function variables(theme: 0 | 1): string {
  const paper = Object.entries(PAPER).map(([name, colours]) => `--${name}:${colours[theme]}`)
  const marks = Object.entries(MARKS).map(([name, colours]) => `.${name}{stroke:${colours[theme]}}`)
  return `svg{${paper.join(';')}}${marks.join('')}`
}
