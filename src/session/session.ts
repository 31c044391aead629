import { CacheError } from '../errors.ts'
import { handOver } from './hand-over.ts'
import { aborted } from './wait.ts'
import type { Batch } from './batch.ts'
import type { RedisConnection } from './redis-connection.ts'
import type { SendOptions } from './send-options.ts'
import { afterMicrotasks } from '../policy/after-microtasks.ts'
import type { CallOptions, InvocationOptions } from '../options/types.ts'

/** How one set of commands is to be asked for. */
export interface Request extends CallOptions {
  /** Sent although the cooldown says no. */
  readonly ignoresCooldown?: boolean
  /** False: no copy in this process answers instead. */
  readonly memory?: boolean | undefined
  /** A further round trip of an operation that began before: the end of its invocation does not stop it. */
  readonly isBegun?: boolean
  /** The node that it goes to, where keys do not tell. */
  readonly node?: string
  /** A replica may answer while the primary is out. */
  readonly isReplicable?: boolean
}

/** What all sessions of a cache have in common. */
export interface SessionOptions {
  /** The connection belongs to a session alone and ends with it. */
  readonly ownsConnection: boolean
  /** ms */
  readonly timeout: number
  /** Loads the driver. A promise until it is loaded, of the error if that fails; then undefined. */
  readonly load: () => Promise<CacheError | undefined> | undefined
  readonly now: () => number
}

/**
 * What an operation runs on: the life of one invocation. A record for the functions of this file and for nobody else. There is
 * one for each invocation, and a closure for each function would cost it more than a get.
 */
export interface Session {
  readonly options: SessionOptions
  readonly connection: RedisConnection
  readonly bounds: InvocationOptions
  /** Called when the last operation has left. */
  onIdle: (() => void) | undefined
  /** Called when the first operation has entered. */
  onBusy: (() => void) | undefined
  /** The batch that takes commands now; undefined between turns. */
  batch: Batch | undefined
  /** The same for each node of many. */
  batches: Map<string, { batch: Batch | undefined }> | undefined
  /** Called with the error that ended the connection. */
  readonly onFatal: SendOptions['onFatal']
  active: number
  holds: number
  /** The first failure of the connection ends all cache work of the invocation. */
  failure: CacheError | undefined
  /** The same for each node of many. Undefined for calls outside an invocation: they may go on for as long as a process does. */
  readonly failures: Map<string, CacheError> | undefined
  /** Called when the last operation has left, once somebody closes. */
  whenIdle: (() => void) | undefined
  closing: Promise<void> | undefined
  /** The listener of the invocation's signal. */
  onAbort: (() => void) | undefined
}

/** An invocation that only its close ends. */
export const UNBOUNDED: InvocationOptions = {}

/** @returns an open session without a connection */
export function createSession(
  options: SessionOptions,
  connection: RedisConnection,
  bounds: InvocationOptions = UNBOUNDED,
  onIdle?: () => void,
): Session {
  const session: Session = {
    options,
    connection,
    bounds,
    onIdle,
    onBusy: undefined,
    batch: undefined,
    batches: undefined,
    onFatal: (failure) => (session.failure ??= failure),
    active: 0,
    holds: 0,
    failure: undefined,
    failures: connection.nodes === undefined || onIdle !== undefined ? undefined : new Map(),
    whenIdle: undefined,
    closing: undefined,
    onAbort: undefined,
  }
  if (bounds.signal !== undefined) {
    session.onAbort = () => release(session)
    bounds.signal.addEventListener('abort', session.onAbort, { once: true })
  }
  return session
}

/** Begins an operation. @returns why it may not begin, or undefined; then {@link leave} must follow */
export function enter(session: Session, isBegun = false): CacheError | undefined {
  if (session.bounds.signal?.aborted === true) return aborted()
  if (session.closing !== undefined && !isBegun) return new CacheError('closed', 'The invocation is closed')
  begin(session)
  return undefined
}

export function begin(session: Session): void {
  session.active += 1
  if (session.active === 1) session.onBusy?.()
}

/** Ends an operation. */
export function leave(session: Session): void {
  session.active -= 1
  if (session.active > 0) return
  session.whenIdle?.()
  if (session.holds === 0) session.onIdle?.()
}

/** An operation of several round trips. */
export interface LongOperation {
  /** For its requests, all but the first. False where the invocation was closed before it began. */
  readonly isBegun: boolean
  end(): void
}

/** Begins an operation of several round trips: closing waits for all of them. */
export function beginLong(session: Session): LongOperation {
  begin(session)
  return { isBegun: session.closing === undefined, end: () => leave(session) }
}

/** Keeps the session from being ended for being idle; closing does not wait for it. @returns ends that */
export function holdOpen(session: Session): () => void {
  session.holds += 1
  return () => {
    session.holds -= 1
    if (isIdle(session)) session.onIdle?.()
  }
}

/** No operation is under way. */
export function isIdle(session: Session): boolean {
  return session.active === 0 && session.holds === 0
}

/** False once the connection failed or the session was closed: a root call then begins a new one. */
export function isOpen(session: Session): boolean {
  return session.closing === undefined && session.failure === undefined
}

/**
 * Leaves a session to itself that nobody will close: from now on it gives up its connection whenever it is idle, and the platform
 * is told of what is begun, since the response may end before.
 *
 * @returns false where something is under way, or open: then somebody has to close it
 */
export function closeWhenIdle(session: Session): boolean {
  const { options, connection, bounds } = session
  if (!isIdle(session) || (options.ownsConnection && connection.holdsSocket())) return false
  const end = (): void => release(session)
  session.onIdle = end
  session.onBusy = () => {
    const { onIdle } = session
    const work = new Promise<void>((resolve) => {
      session.onIdle = () => {
        session.onIdle = end
        onIdle?.()
        resolve()
      }
    })
    handOver(work, bounds.waitUntil)
  }
  return true
}

/** Nothing may begin any more: it was closed, or nobody waits for it. */
export function isOver({ closing, bounds }: Session): boolean {
  return closing !== undefined || bounds.signal?.aborted === true
}

/** Refuses new operations, waits for those begun, then gives up the connection. Never rejects. */
export function closeSession(session: Session): Promise<void> {
  session.closing ??= finish(session)
  return session.closing
}

async function finish(session: Session): Promise<void> {
  const { bounds, onAbort } = session
  while (session.active > 0) {
    await new Promise<void>((resolve) => (session.whenIdle = resolve))
    // What just got its answer may have a second question, which it asks within this turn.
    await afterMicrotasks(nothing)
  }
  if (onAbort !== undefined) bounds.signal?.removeEventListener('abort', onAbort)
  release(session)
}

async function nothing(): Promise<void> {}

/** Gives up the connection, where it is the session's own. */
function release({ options, connection }: Session): void {
  if (options.ownsConnection) connection.close()
}
