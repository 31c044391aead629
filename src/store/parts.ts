import type { EntryOptions } from '../entry/entry-options.ts'
import type { Coalesce } from '../policy/coalesce.ts'
import type { Reporter } from './report.ts'
import type { Sender } from '../session/sender.ts'
import type { ClearPosition } from './clear.ts'
import type { Tags } from './tags.ts'
import type { InvocationOptions } from '../options/types.ts'
import type { Loaded } from '../wrap/loaded.ts'

/** What the operations of a cache, or of one invocation, run on. */
export interface Parts {
  readonly options: EntryOptions
  readonly transportName: string
  /** Whether one command may name keys of several hash slots. */
  readonly spansSlots: boolean
  readonly sender: Sender
  readonly report: Reporter | undefined
  /** Whether the cooldown is on: whatever is asked for now is degraded, but for `health`. */
  readonly isCooling: () => boolean
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
  /** Made when first asked for: most invocations have none. */
  readonly tags: () => Tags
  /** Loads under way whose promise may be awaited here: those of this invocation, or of this process where the runtime allows it. */
  readonly loads: () => Coalesce<Loaded>
  /** Of the invocation; empty outside of one. */
  readonly bounds: InvocationOptions
  /** An invocation for work that outlives this one. @param deadline epoch ms */
  readonly aside: (deadline: number) => Aside
  /** Where an unfinished `clear` goes on; one for the whole cache. */
  readonly clearPosition: ClearPosition
}

/** See `aside` of {@link Parts}. */
export interface Aside {
  readonly parts: Parts
  close(): Promise<void>
}
