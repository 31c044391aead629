import type { Reason } from 'fastmiss'

/** A Redis that can be made sick and well again, with somebody at its door who counts. Each run starts one of its own. */
export interface Outage extends AsyncDisposable {
  readonly url: string
  /** Further options of `createCache`, as JSON: a token, tls. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Makes it sick. Called again after a cure. */
  break(): Promise<void>
  cure(): Promise<void>
  /** What reached the door since the start: connections over TCP, requests over HTTP. */
  readonly attempts: number
  /** Connections that are open now. */
  readonly open: number
  /** Asks the Redis behind it, past the fault. Only while it is well, unless the fault is in between. */
  raw(...command: string[]): Promise<unknown>
}

/** What the facade is to make of a fault. */
export interface Expected {
  /** A value, or why there is none; several reasons only where the system, not the facade, decides between them. */
  readonly read: 'hit' | readonly Reason[]
  /** Absent where a reason has none. */
  readonly phase?: 'connect' | 'command' | 'either'
  /** What a read of a key that nobody wrote comes to. Default: `read`, where that is no hit. */
  readonly other?: 'miss'
  /** What a write in the outage reports. */
  readonly write: boolean
  /** Whether it counts as an outage, so that the next operation is answered without a try. */
  readonly isRemembered: boolean
  /** The most connections that the first invocation may open. Default 1. */
  readonly dials?: number
  /** The most that it may send to the door. Default: `dials`. */
  readonly attempts?: number
  /** Connections that may still be open when the invocation is over, because the runtime does not let go. Default 0. */
  readonly open?: number
  /** It is told at once, without waiting for the timeout. */
  readonly isImmediate?: boolean
  /** The other side answered well enough for the runtime to keep its connection for the next invocation. */
  readonly isKept?: boolean
}

/** One line of a table of faults. */
export interface FaultRow {
  readonly name: string
  /** How it is made. The outage is still well when it is returned. */
  readonly start: () => Promise<Outage>
  /** Sick before the first connection, or in the middle of an invocation that already had an answer. */
  readonly onset: 'cold' | 'warm'
  /** ms between the break and the next operation, where the fault needs time to show. */
  readonly pause?: number
  /** The cache's timeout in ms. Default: 400 where it is waited for, 3,000 where the answer is expected at once. */
  readonly timeout?: number
  readonly expected: Expected
  /** Where one runtime sees less: the name of a runtime, and what differs there. */
  readonly expectedIn?: Readonly<Record<string, Partial<Expected>>>
  /** Runtimes that this row is not played in, and why; another test says what happens there. */
  readonly notIn?: Readonly<Record<string, string>>
  /** A fault that nobody can mend, such as a name that does not exist: there is no recovery to look at. */
  readonly isIncurable?: boolean
}

/** @returns what is expected of a fault in one runtime */
export function expectedOf({ expected, expectedIn }: FaultRow, runtime: string): Expected {
  return { ...expected, ...expectedIn?.[runtime] }
}

/** @returns the most that an operation may take, ms */
export function timeoutOf({ timeout, expected }: FaultRow): number {
  return timeout ?? (expected.isImmediate === true ? 3_000 : 400)
}
