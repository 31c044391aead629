import { type Contestant, settingsOf, titleOf } from './libraries.ts'
import type { Timed } from './protocol.ts'
import type { Cell, Exit } from './results.ts'
import { isFalseMiss, isFalseWrite } from './summary.ts'

/** `0.21 ms`, `254 ms`, `4.1 s`. */
export function duration(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${ms >= 10 ? Math.round(ms) : Number(ms.toPrecision(2))} ms`
}

/** A duration, or that there was none within the window. */
export function atMost(ms: number | null, windowMs: number): string {
  return ms === null ? `> ${windowMs / 1_000} s` : duration(ms)
}

/** `node-redis, defaults`. */
export function nameOf(contestant: Contestant): string {
  return `${titleOf(contestant.library)}, ${settingsOf(contestant)}`
}

/** How long, and what was said. */
export function answerIn(answer: Timed | null, windowMs: number): string {
  if (answer === null) return `> ${windowMs / 1_000} s`
  const reason = answer.reason === undefined || answer.reason === 'Error' ? '' : ` (${answer.reason})`
  return `${duration(answer.ms)}, ${answer.answer}${reason}`
}

/** What a `set` said, and whether it was so. */
export function storeIn(cell: Cell): string {
  const { stored } = cell
  if (stored === null) return 'no answer'
  if (isFalseWrite(cell)) return '**said stored, is not**'
  if (stored.said === true) return 'stored'
  return stored.said === 'threw' ? 'threw' : 'said not stored'
}

/** Whether the answers told a miss from a sick Redis. */
export function toldIn(cell: Cell): string {
  if (cell.first === null) return '–'
  if (isFalseMiss(cell)) return '**no: a miss**'
  return cell.first.answer === 'hit' && cell.second?.answer !== 'threw' && cell.second?.answer !== 'degraded' ? 'a hit' : 'yes'
}

/** How the process ended. */
export function exitIn({ how, ms }: Exit): string {
  return ms === undefined ? how : `${how}, ${duration(ms)}`
}
