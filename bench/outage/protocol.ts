import type { Endpoint, Said } from './subject.ts'

/** What a cell's process is asked for, as its only argument, in JSON. */
export interface Order {
  /** A file of `subjects/`. */
  readonly subject: string
  /** The settings of it. */
  readonly settings: string
  readonly endpoint: Endpoint
  /** Stored beforehand wherever Redis can be read: a miss is a wrong answer. */
  readonly readKey: string
  readonly writeKey: string
  /** Whether one `get` comes before the fault. */
  readonly isWarm: boolean
  /** Only to store `readKey`. */
  readonly isSeed: boolean
}

/** An answer and how long it took, ms. */
export interface Timed {
  readonly ms: number
  readonly answer: Said['answer'] | 'threw'
  /** fastmiss's reason, or the code or name of what was thrown. */
  readonly reason?: string
}

/** What a cell's process tells as it happens: it may not live to the end. `at` is epoch milliseconds. */
export type Report =
  | { readonly type: 'warm' }
  | { readonly type: 'begin'; readonly at: number }
  | { readonly type: 'answer'; readonly which: 'first' | 'second'; readonly timed: Timed }
  | { readonly type: 'stored'; readonly said: boolean | 'threw'; readonly ms: number }
  | { readonly type: 'dial'; readonly at: number }
  | { readonly type: 'errorEvent' }
  | { readonly type: 'done'; readonly at: number }

/** What it is told: the fault is on, or the end has come. */
export type Command = 'go' | 'close'
