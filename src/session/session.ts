import { CacheError } from '../errors.ts'
import { handOver } from './hand-over.ts'
import { aborted, waitFor } from './wait.ts'
import { type Batch, joinBatch, type BatchReply } from './batch.ts'
import type { SendOptions, RedisConnection } from './redis-connection.ts'
import { afterMicrotasks } from '../policy/after-microtasks.ts'
import type { Command, Reply } from '../transport/transport.ts'
import type { CallOptions, InvocationOptions } from '../options/types.ts'

/** How one set of commands is to be asked for. */
export interface Request extends CallOptions {
  /** Sent although the cooldown says no. */
  readonly ignoresCooldown?: boolean
  /** A further round trip of an operation that began before: the end of its invocation does not stop it. */
  readonly isBegun?: boolean
}

/** What all sessions of a cache have in common. */
export interface SessionOptions {
  /** The connection belongs to a session alone and ends with it. */
  readonly ownsConnection: boolean
  /** ms */
  readonly timeout: number
  /** What to wait for before anything can be sent: the driver's import, or why there is none. Undefined once it is there. */
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
  /** What takes commands at present. */
  batch: Batch | undefined
  readonly sendBatch: (commands: readonly Command[], wait: number, ignoresCooldown: boolean) => Promise<readonly BatchReply[]>
  /** Told of what ended the connection. */
  readonly onFatal: SendOptions['onFatal']
  active: number
  holds: number
  /** The first failure of the connection ends all cache work of the invocation. */
  failure: CacheError | undefined
  /** Called when the last operation has left, once somebody closes. */
  whenIdle: (() => void) | undefined
  closing: Promise<void> | undefined
  /** What listens to the invocation's signal. */
  onAbort: (() => void) | undefined
}

/** ms; a timer may fire so long before the clock says that it is time. */
const EARLY = 1

/** An invocation that nothing ends but its close. */
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
    sendBatch: (commands, wait, ignoresCooldown) => sendBatch(session, commands, wait, ignoresCooldown),
    onFatal: (failure) => (session.failure ??= failure),
    active: 0,
    holds: 0,
    failure: undefined,
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
function enter(session: Session, isBegun = false): CacheError | undefined {
  if (session.bounds.signal?.aborted === true) return aborted()
  if (session.closing !== undefined && !isBegun) return new CacheError('closed', 'The invocation is closed')
  begin(session)
  return undefined
}

function begin(session: Session): void {
  session.active += 1
  if (session.active === 1) session.onBusy?.()
}

/** Ends an operation. */
function leave(session: Session): void {
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

/**
 * The hot path for one command with the cache's timeout: push it to the batch's commands and await the batch's replies. The
 * session stays open until they are there; no {@link enter} and {@link leave}.
 *
 * @param _key tells the node that the command goes to. With one address there is one node, and so one batch a turn
 * @returns undefined where there is more to heed, a signal or the end of the session: {@link send} then tells
 */
export function batchOf(session: Session, _key: string): Batch | undefined {
  if (session.bounds.signal !== undefined || session.closing !== undefined) return undefined
  const joined = join(session, session.options.timeout, false)
  if (!joined.isHeld) {
    joined.isHeld = true
    begin(session)
    void joined.replies.then(() => leave(session))
  }
  return joined
}

/** The batch that is being gathered for a key's node, where there is one. */
export function pendingBatch({ batch }: Session, _key: string): Batch | undefined {
  return batch
}

/**
 * Sends commands as one operation, with whatever else this turn asks for. Never rejects.
 *
 * @param _keys by position: the key that tells the node a command goes to, or undefined where any node will do
 * @returns one reply a command
 */
export async function send(
  session: Session,
  commands: readonly Command[],
  _keys: readonly (string | undefined)[],
  request?: Request,
): Promise<readonly Reply[]> {
  const refusal = enter(session, request?.isBegun)
  if (refusal !== undefined) return commands.map(() => refusal)
  try {
    return await requestAll(session, commands, request)
  } finally {
    leave(session)
  }
}

async function requestAll(session: Session, commands: readonly Command[], call: Request = {}): Promise<readonly Reply[]> {
  const { timeout, load, now } = session.options
  const { signal } = session.bounds
  const wait = call.timeout ?? timeout
  // A shorter timeout ends this call's wait only; the batch keeps the cache's.
  const joined = join(session, Math.max(wait, timeout), call.ignoresCooldown ?? false)
  const from = joined.commands.length
  // One by one: a call takes some 100,000 arguments, and a batch may have more.
  for (const command of commands) joined.commands.push(command)
  const isPlain = wait >= timeout && call.signal === undefined && signal === undefined
  const own = (slots: readonly BatchReply[]): readonly Reply[] | Promise<readonly Reply[]> => settled(slots.slice(from, from + commands.length))
  if (isPlain) return own(await joined.replies)
  const all = await waitFor(joined.replies.then(own), {
    signals: [signal, call.signal].filter((one) => one !== undefined),
    wait: wait < timeout ? wait : undefined,
    load,
    now,
    suspect: session.connection.suspect,
  })
  return all instanceof CacheError ? commands.map(() => all) : all
}

/** A promise only where one of the commands has an answer of its own to wait for. */
function settled(slots: readonly BatchReply[]): readonly Reply[] | Promise<readonly Reply[]> {
  return slots.every(isReply) ? slots : Promise.all(slots.map(async (slot) => slot))
}

function isReply(slot: BatchReply): slot is Reply {
  return !(slot instanceof Promise)
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

function join(session: Session, timeout: number, ignoresCooldown: boolean): Batch {
  return joinBatch(session, timeout, ignoresCooldown, session.sendBatch)
}

function sendBatch(session: Session, commands: readonly Command[], wait: number, ignoresCooldown: boolean): Promise<readonly Reply[]> {
  // The driver's import is CPU that no deadline can interrupt: it never counts against the timeout.
  const loading = session.options.load()
  if (loading === undefined) return sendNow(session, commands, wait, ignoresCooldown)
  return loading.then((failure) => (failure === undefined ? sendNow(session, commands, wait, ignoresCooldown) : commands.map(() => failure)))
}

function sendNow(session: Session, commands: readonly Command[], wait: number, ignoresCooldown: boolean): Promise<readonly Reply[]> {
  const { now } = session.options
  const { deadline = Infinity } = session.bounds
  const at = now()
  const refusal = refuseSending(session, at, ignoresCooldown)
  if (refusal !== undefined) return Promise.resolve(commands.map(() => refusal))
  const fullAt = at + wait
  const isPartial = deadline < fullAt
  const { onFatal } = session
  const sent = session.connection.send(commands, { at, deadlineAt: isPartial ? deadline : fullAt, isPartial, ignoresCooldown, onFatal })
  if (!isPartial) return sent
  return sent.then((replies) => {
    if (now() < deadline - EARLY) return replies
    return replies.map((reply) => (reply instanceof CacheError && reply.code === 'timeout' ? pastDeadline() : reply))
  })
}

function refuseSending({ bounds, failure, active }: Session, at: number, ignoresCooldown: boolean): CacheError | undefined {
  const { signal, deadline = Infinity } = bounds
  // Nobody waits any more: the session may have ended while the driver was loaded, and would leave a connection behind.
  if (active === 0 || signal?.aborted === true) return aborted()
  if (at >= deadline) return pastDeadline()
  if (failure === undefined || ignoresCooldown) return undefined
  return new CacheError('cooldown', `The connection of this invocation failed before (${failure.code})`)
}

function pastDeadline(): CacheError {
  return new CacheError('deadline', "The caller's deadline has passed")
}
