import { endOf } from '../rehearsal.ts'
import type { Scene } from '../drill.ts'

/** Where the time axis lies, px. */
const LEFT = 112
const WIDTH = 532
/** ms: the axis begins and ends at a multiple, and names every second one at most. */
const EDGE = 250
const STEP = 500

/** Instants to positions. */
export interface Scale {
  /** px */
  readonly left: number
  readonly right: number
  /** ms */
  readonly from: number
  readonly to: number
  /** @param at ms since the fault began. @returns px */
  x(at: number): number
  /** @returns px, never so little that nobody sees it */
  width(ms: number): number
}

/** px */
const LEAST_WIDTH = 2.4

/** One axis for all scenes. In each of them 0 is when the fault began. */
export function scaleFor(scenes: readonly Scene[]): Scale {
  const starts = scenes.flatMap(({ answers }) => answers.map(({ startedAt }) => startedAt))
  const ends = scenes.flatMap(({ answers, mendedAt }) => [...answers.map(endOf), mendedAt])
  const from = Math.floor(Math.min(-1, ...starts) / EDGE) * EDGE
  const to = Math.ceil(Math.max(1, ...ends) / EDGE) * EDGE
  const perMs = WIDTH / (to - from)
  return {
    left: LEFT,
    right: LEFT + WIDTH,
    from,
    to,
    x: (at) => LEFT + (at - from) * perMs,
    width: (ms) => Math.max(LEAST_WIDTH, ms * perMs),
  }
}

/** @returns the instants that the axis names: no more than fit side by side */
export function ticksOf({ from, to }: Scale): readonly number[] {
  const step = STEP * Math.max(1, Math.ceil((to - from) / STEP / 11))
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step)
}
