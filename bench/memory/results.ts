import type { Source } from './source.ts'

/** Keys that are read before the outage, callers at once, and how long each waits between two reads, ms. */
export const KEYS = 200
export const CALLERS = 20
export const PAUSE = 2
/** What the source takes, ms. */
export const LOADER = 5
/** ms of health, of outage, and of health again. */
export const BEFORE = 1_000
export const OUTAGE = 3_000
export const AFTER = 3_000
/** ms of one column of the picture. */
export const COLUMN = 100

/** Answers that were asked for within a tenth of a second. */
export interface Column {
  /** ms since Redis fell silent. */
  readonly at: number
  readonly counts: Readonly<Partial<Record<Source, number>>>
  /** The slowest of them, ms. */
  readonly slowest: number
}

/** What one library made of the outage. */
export interface Run {
  readonly subject: string
  /** Reads that were asked for in the outage, and how many of them called the source. */
  readonly requests: number
  readonly loads: number
  /** Those that had no answer when everything was over. */
  readonly unanswered: number
  /** What a key took that had not been read before, asked for in the outage, ms; null: it had no answer when everything was over. */
  readonly unknown: number | null
  /** ms, in the outage, once nobody waits for the first timeout any more. */
  readonly p99: number
  readonly columns: readonly Column[]
}

/** A whole run. */
export interface Results {
  readonly date: string
  readonly node: string
  readonly cpus: number
  readonly versions: Readonly<Record<string, string>>
  readonly runs: readonly Run[]
}
