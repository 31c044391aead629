import type { CacheError } from '../errors.ts'

/** A Redis command and its arguments, as text: `['GET', 'app::user:1']`. */
export type Command = readonly string[]

/** What Redis said to one command. A `CacheError` in a slot fails that command only. */
export type Reply = string | number | null | CacheError | readonly Reply[]

/** Opens connections to one server. */
export interface Dialer {
  /** Named in `health()` and in events: `tcp`, `http`, `memory`, `cluster` or `sentinel`. */
  readonly name: string
  /**
   * Whether one command may name keys of several hash slots (MGET, DEL with many keys).
   * False over TCP: behind the address may stand a cluster, which refuses them.
   */
  readonly spansSlots: boolean
  /**
   * True where each `send` stands alone (HTTP): there is no connection of an invocation that may have died while it was idle,
   * and what could be tried afresh was. Default false.
   */
  readonly isConnectionless?: boolean
  /**
   * Loads the driver, without a connection. Absent where there is nothing to load. Where it rejects, what waits for it is answered
   * `driver`, and the next operation calls it again.
   */
  load?(): Promise<void>
  /** A connection that dials when it is first used. The driver is loaded by then. */
  open(): Connection
}

/** One connection, owned by one invocation, or kept between invocations where the policy is `reuse`. */
export interface Connection {
  /**
   * Sends a pipeline. Always resolves, at the deadline at the latest, with one reply a command;
   * never rejects. Dials first where the connection is not open yet.
   *
   * @param commands the commands, in order
   * @param deadlineAt epoch ms; at that instant the replies still missing become `timeout` errors
   *   and the connection is dead
   */
  send(commands: readonly Command[], deadlineAt: number): Promise<readonly Reply[]>
  /** False once it failed, was closed, or the other side hung up: it is then replaced, never mended. */
  readonly isUsable: boolean
  /** Destroys the connection at once, synchronously and for good. What is pending is answered `closed`. */
  close(): void
  /** Lets the process exit while the connection is open (`reuse` only). */
  unref?(): void
}
