import type { Step } from './plan.ts'

/** What every stored value says of itself. */
export interface Value {
  readonly key: string
  /** One for each write and each load. */
  readonly id: number
}

/** An instant of a run: time, and place in the order of all events. */
export interface Instant {
  readonly at: number
  readonly order: number
}

/** One call, and what came of it. */
export interface Operation {
  readonly step: Step
  readonly began: Instant
  ended: Instant | undefined
  /** Of the values that it set out to store, by key. */
  readonly ids: Map<string, number>
  outcome: unknown
  error: unknown
  /** The invocation that it belongs to began then. */
  readonly invocationBegan: Instant | undefined
}

/** One call of a loader. */
interface Load {
  readonly isolate: number
  readonly keys: readonly string[]
  readonly began: Instant
  ended: Instant | undefined
  readonly ids: readonly number[]
  readonly tags: readonly string[]
}

/** Work that was handed to `waitUntil`. */
export interface Background {
  readonly isolate: number
  readonly began: Instant
  ended: Instant | undefined
}

/** The cache of an isolate said that it asks nobody for a while. */
interface Cooling {
  readonly isolate: number
  readonly began: Instant
  readonly ms: number
  /** `host:port`; undefined: the only one, or all of them. */
  readonly node: string | undefined
  /** The probe was answered then. */
  recovered: Instant | undefined
}

/** All that happened in a run. */
export interface History {
  readonly operations: Operation[]
  readonly loads: Load[]
  readonly background: Background[]
  readonly coolings: Cooling[]
}
