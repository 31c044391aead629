import { titleOf } from '../libraries.ts'
import type { Cell, FaultRow } from '../results.ts'
import { duration } from '../words.ts'
import { NEVER_WIDTH, PANEL_HEAD, PANEL_WIDTH, ROW_HEIGHT, SHORTEST } from './layout.ts'
import { answers, round, type Shape } from './marks.ts'
import { logScale } from './scale.ts'

/** One library. */
export interface Panel {
  readonly library: string
  readonly wire: FaultRow['wire']
  /** In the order of the legend: defaults, then the other settings. */
  readonly settings: readonly string[]
}

/** Milliseconds; those with a name. */
const TICKS: readonly (readonly [ms: number, isNamed: boolean])[] = [
  [0.1, true],
  [1, false],
  [10, true],
  [100, false],
  [1_000, true],
  [10_000, false],
]

/** How each of the settings is drawn. */
export const STYLES: readonly { readonly name: string; readonly shape: Shape }[] = [
  { name: 'd', shape: 'circle' },
  { name: 'b', shape: 'square' },
]

/** A library's answers, a line for each fault. */
export function drawPanel(panel: Panel, faults: readonly FaultRow[], cells: readonly Cell[], windowMs: number, x: number, y: number): string {
  const right = PANEL_WIDTH - NEVER_WIDTH
  const scale = logScale([SHORTEST, 6], [windowMs, right])
  const height = faults.length * ROW_HEIGHT
  const ticks = TICKS.map(([ms, isNamed]) => {
    const at = round(scale.at(ms))
    const name = isNamed ? `<text class="s m" x="${at}" y="${PANEL_HEAD - 6}">${duration(ms)}</text>` : ''
    return `<path class="g" d="M${at} ${PANEL_HEAD}V${PANEL_HEAD + height}"/>${name}`
  })
  // Every other line is shaded, to lead the eye.
  const shades = faults.flatMap((_, row) =>
    row % 2 === 0 ? [] : [`<rect class="z" x="0" y="${PANEL_HEAD + row * ROW_HEIGHT}" width="${PANEL_WIDTH}" height="${ROW_HEIGHT}"/>`],
  )
  const rows = faults.map((fault, row) => {
    const middle = PANEL_HEAD + row * ROW_HEIGHT + ROW_HEIGHT / 2
    return panel.settings.map((settings, index) => {
      const style = STYLES[index]
      const cell = cells.find((one) => isOf(one, panel, settings, fault))
      if (style === undefined || cell === undefined) return ''
      const offset = panel.settings.length === 1 ? 0 : index === 0 ? -2.5 : 2.5
      return `<g class="${style.name}">${answers(cell, style.shape, scale, right + NEVER_WIDTH / 2, middle + offset)}</g>`
    })
  })
  return [
    `<g transform="translate(${x} ${y})">`,
    `<text class="t" x="0" y="14">${titleOf(panel.library)}</text>`,
    `<rect class="p" x="0" y="${PANEL_HEAD}" width="${PANEL_WIDTH}" height="${height}"/>`,
    `<rect class="n" x="${right}" y="${PANEL_HEAD}" width="${NEVER_WIDTH}" height="${height}"/>`,
    `<text class="s m" x="${right + NEVER_WIDTH / 2}" y="${PANEL_HEAD - 6}">never</text>`,
    ...shades,
    ...ticks,
    ...rows.flat(),
    '</g>',
  ].join('')
}

function isOf(cell: Cell, { library, wire }: Panel, settings: string, fault: FaultRow): boolean {
  return cell.library === library && cell.wire === wire && cell.settings === settings && cell.fault === fault.name
}
