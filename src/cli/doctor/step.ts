import type { Socket } from 'node:net'
import type { Connection } from '../../transport/transport.ts'
import type { Reached } from './nodes/reached.ts'
import type { Patience } from './patience.ts'
import type { Target } from './target.ts'

/** Everything that is looked at, in this order. */
export type StepName =
  | 'parse'
  | 'resolve'
  | 'connect'
  | 'tls'
  | 'auth'
  | 'token'
  | 'ping'
  | 'round trips'
  | 'probe key'
  | 'memory'
  | 'limits'
  | 'clock'
  | 'cluster'
  | 'seeds'
  | 'sentinels'
  | 'node'
  | 'slots'
  | 'transports'
  | 'copies'
  | 'timeouts'

/** What a step found. `failed` makes the whole examination fail; `warning` does not; `skipped` could not be looked at, or need not be. */
export interface Outcome {
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What is the case, in a line. Never a secret. */
  readonly finding: string
  /** What to do about it. */
  readonly hint?: string
  /** Instead of the time that the step took. */
  readonly ms?: number
  /** What later steps may build on. */
  readonly facts?: Facts
  /** Where there is a line for each of several: those behind the first. */
  readonly others?: readonly Pick<Outcome, 'status' | 'finding' | 'hint' | 'ms'>[]
}

/** One thing that is looked at. */
export interface Step {
  readonly name: StepName
  /** Nothing behind it can be looked at where it fails. */
  readonly isVital?: boolean
  /** It needs the URL only: it is taken whatever failed before. */
  readonly isOffline?: boolean
  /** Whether the time it takes says something. */
  readonly isTimed?: boolean
  run(visit: Visit): Outcome | Promise<Outcome>
}

/** What steps found out for those behind them. Durations in ms. */
export interface Facts {
  readonly addresses?: readonly Address[]
  /** The raw connection, for the TLS handshake. */
  readonly socket?: Socket
  readonly connection?: Connection
  /** The first exchange: connection, TLS, handshake and one command. */
  readonly coldMs?: number
  /** The first exchange, where nothing came of it. */
  readonly waitedMs?: number
  /** DNS was asked and never answered: the system cannot be told to stop. */
  readonly isLookupStuck?: boolean
  readonly roundTrips?: readonly number[]
  readonly runtimes?: Runtimes
  readonly suggestion?: Suggestion
  /** Of many nodes: those that were gone to, by name. */
  readonly reached?: ReadonlyMap<string, Reached>
  /** Who there is, as a seed or a sentinel told it. */
  readonly members?: readonly Member[]
  /** The node that the steps behind it look at. */
  readonly at?: NodeInView
  /** Nothing behind it can be looked at. */
  readonly isObstacle?: boolean
}

/** One of many nodes, as steps for one address look at it. */
interface NodeInView {
  readonly target: Target
  /** Whether a key is this node's. Absent where nobody told. */
  readonly holdsKey?: (key: string) => boolean
}

/** What sentinels said, or a map of slots: who is to be looked at. */
export interface Member {
  /** `host:port`, as it is announced. */
  readonly name: string
  readonly role: 'primary' | 'replica'
  /** Of a primary of a cluster: how many it holds, and whether a key is its own. */
  readonly slots?: number
  readonly holdsKey?: (key: string) => boolean
}

/** As `dns.lookup` gives it. */
export interface Address {
  readonly address: string
  readonly family: number
}

/** The transport that each runtime would take for this URL, in words. */
interface Runtimes {
  readonly node: string
  readonly lambda: string
  readonly workers: string
}

/** Options for `createCache`, in ms. */
export interface Suggestion {
  readonly timeout: number
  readonly connectTimeout?: number
}

/** What a step works with. */
export interface Visit {
  readonly target: Target
  readonly patience: Patience
  readonly facts: Facts
  /** Closes something at the end of the visit, and at once where it is interrupted. */
  onEnd(close: () => void): void
}
