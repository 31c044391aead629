import type { Connections } from './client.ts'
import type { SimulatedCluster } from './cluster.ts'
import type { History } from './history.ts'
import type { Plan } from './plan.ts'
import type { Record } from './server.ts'

/** ms; the grain of the clock, and of timers. */
export const GRAIN = 2
/** ms; the cache's option, for all calls. */
export const TIMEOUT = 250
export const NAMESPACE = 'app'

/** What the judge looks at. */
export interface Run {
  readonly plan: Plan
  readonly history: History
  /** What each key held. */
  readonly held: Record
  readonly addresses: readonly string[]
  readonly cluster: SimulatedCluster | undefined
  readonly connections: readonly Connections[]
  /** Timers that were left once everything was closed. */
  readonly timersLeft: number
  /** Caches whose `close()` never settled. */
  readonly unclosed: number
}
