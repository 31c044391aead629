import type { EntryOptions } from '../entry/entry-options.ts'
import type { SingleFlight } from '../policy/single-flight.ts'
import type { Session } from '../session/session.ts'
import type { ClearPosition } from './clear.ts'
import type { Copies } from './copies/copies.ts'
import type { Observation } from './observation.ts'
import type { Reporter } from './report.ts'
import type { Store } from './store.ts'
import type { Tags } from './tags.ts'

/** What the operations of a cache, or of one invocation, run on: what those of this room need. `WrapContext` has the rest. */
export interface StoreContext {
  readonly options: EntryOptions
  readonly transportName: string
  /** Whether one command may name keys of several hash slots. */
  readonly spansSlots: boolean
  /** Whose life the operations share. */
  readonly session: () => Session
  readonly store: Store
  /** Copies in this process, which the store looks at; one for the whole cache. */
  readonly copies: Copies | undefined
  readonly report: Reporter | undefined
  /** Who is told of what the cache does. */
  readonly observation: Observation
  /** Whether the cooldown is on: whatever is asked for now is degraded, but for `health`. */
  readonly isCooling: () => boolean
  readonly now: () => number
  /** Made when first asked for: most invocations have none. */
  readonly tags: () => Tags
  /** Told of what is written or deleted: a load of it that is under way is out of date. */
  readonly loads: () => Pick<SingleFlight<unknown>, 'forget'>
  /** Where an unfinished `clear` of a range goes on, by the range's prefix; one for the whole cache. */
  readonly clearPosition: (prefix: string) => ClearPosition
}
