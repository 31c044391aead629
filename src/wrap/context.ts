import type { InvocationOptions } from '../options/types.ts'
import type { SingleFlight } from '../policy/single-flight.ts'
import type { StoreContext } from '../store/context.ts'
import type { Loaded } from './loaded.ts'

/** What the operations of a cache, or of one invocation, run on. */
export interface WrapContext extends StoreContext {
  /** From 0 up to 1. */
  readonly random: () => number
  /** Loads under way whose promise may be awaited here: those of this invocation, or of this process where the runtime allows it. */
  readonly loads: () => SingleFlight<Loaded>
  /** Of the invocation; empty outside of one. */
  readonly bounds: InvocationOptions
  /** Opens an invocation for work that outlives this one. @param deadline epoch ms */
  readonly openBackground: (deadline: number) => Background
}

/** An invocation for work that nobody waits for. Whoever opened it closes it. */
export interface Background {
  readonly context: WrapContext
  close(): Promise<void>
}
