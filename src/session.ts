import { CacheError } from './errors.ts'
import { aborted, waitFor } from './wait.ts'
import { createBatch, type Turn } from './store/batch.ts'
import type { Dispatch, Line } from './store/line.ts'
import type { Command, Reply } from './transport/transport.ts'
import type { CallOptions, InvocationOptions } from './types.ts'

/** How one set of commands is to be asked for. */
export interface Request extends CallOptions {
  /** Sent although the cooldown says no. */
  readonly ignoresCooldown?: boolean
}

/** What an operation runs on: the life of one invocation. */
export interface Session {
  /** Begins an operation. @returns why it may not begin, or undefined; then `leave` must follow */
  enter(): CacheError | undefined
  leave(): void
  /**
   * The hot path for one command with the cache's timeout: add it to the turn's commands and await its replies. The session
   * stays alive until they are there; no `enter` and `leave`.
   *
   * @returns undefined where there is more to heed, a signal or the end of the session: `enter` then tells
   */
  turn(): Turn | undefined
  /** Keeps the session from being ended for being idle; `close` does not wait for it. @returns ends that */
  linger(): () => void
  /** Sends several commands in one pipeline. Never rejects. */
  requestAll(commands: readonly Command[], options?: Request): Promise<readonly Reply[]>
  /** No operation is under way. */
  isIdle(): boolean
  /** False once the connection failed or the session was closed: a root call then begins a new one. */
  isOpen(): boolean
  /** Refuses new operations, waits for those begun, then gives up the connection. Never rejects. */
  close(): Promise<void>
}

/** What a session is made of. */
export interface SessionOptions {
  readonly line: Line
  /** The line belongs to this session alone and ends with it. */
  readonly ownsLine: boolean
  /** ms */
  readonly timeout: number
  /** What to wait for before anything can be sent: the driver's import. Undefined once it is there. */
  readonly load: () => Promise<void> | undefined
  readonly now: () => number
  /** Called when the last operation has left. */
  readonly onIdle: (() => void) | undefined
  readonly invocation: InvocationOptions | undefined
}

/** @returns an open session without a connection */
export function createSession(options: SessionOptions): Session {
  const { line, ownsLine, timeout, load, now, onIdle } = options
  const { signal, deadline = Infinity } = options.invocation ?? {}
  const batch = createBatch(dispatch)
  let active = 0
  let lingering = 0
  /** The first failure of the connection ends all cache work of the invocation. */
  let failure: CacheError | undefined
  let whenIdle: (() => void) | undefined
  let closing: Promise<void> | undefined

  signal?.addEventListener('abort', giveUp, { once: true })

  function giveUp(): void {
    if (ownsLine) line.close()
  }

  function enter(): CacheError | undefined {
    const refusal = refuse()
    if (refusal === undefined) active += 1
    return refusal
  }

  function refuse(): CacheError | undefined {
    if (signal?.aborted === true) return aborted()
    if (closing !== undefined) return new CacheError('closed', 'The invocation is closed')
    return undefined
  }

  function leave(): void {
    active -= 1
    if (active > 0) return
    whenIdle?.()
    if (lingering === 0) onIdle?.()
  }

  function linger(): () => void {
    lingering += 1
    return () => {
      lingering -= 1
      if (active === 0 && lingering === 0) onIdle?.()
    }
  }

  function turn(): Turn | undefined {
    if (signal !== undefined || closing !== undefined) return undefined
    const joined = batch.join(timeout, false)
    if (!joined.isHeld) {
      joined.isHeld = true
      active += 1
      void joined.replies.then(leave)
    }
    return joined
  }

  async function requestAll(commands: readonly Command[], call: Request = {}): Promise<readonly Reply[]> {
    const wait = call.timeout ?? timeout
    // A shorter timeout is waited for aside; the pipeline itself keeps the cache's.
    const joined = batch.join(Math.max(wait, timeout), call.ignoresCooldown ?? false)
    const from = joined.commands.length
    // One by one: a call takes some 100,000 arguments, and a batch may have more.
    for (const command of commands) joined.commands.push(command)
    const isPlain = wait >= timeout && call.signal === undefined && signal === undefined
    const all = isPlain ? await joined.replies : await waitWithin(joined.replies, wait < timeout ? wait : undefined, call.signal)
    return all instanceof CacheError ? commands.map(() => all) : all.slice(from, from + commands.length)
  }

  /** @param wait ms, where it is less than the pipeline's own */
  function waitWithin(
    replies: Promise<readonly Reply[]>,
    wait: number | undefined,
    callSignal: AbortSignal | undefined,
  ): Promise<readonly Reply[] | CacheError> {
    const signals = [signal, callSignal].filter((one) => one !== undefined)
    return waitFor(replies, { signals, wait, load, now, suspect: line.suspect })
  }

  async function dispatch(commands: readonly Command[], wait: number, ignoresCooldown: boolean): Promise<readonly Reply[]> {
    // The driver's import is CPU that no deadline can interrupt: it never counts against the timeout.
    const loading = load()
    if (loading !== undefined) await loading
    const refusal = refuseSending(ignoresCooldown)
    if (refusal !== undefined) return commands.map(() => refusal)
    const fullAt = now() + wait
    const isCallersDeadline = deadline < fullAt
    const order: Dispatch = { deadlineAt: Math.min(fullAt, deadline), isPartial: isCallersDeadline, ignoresCooldown }
    const replies = await line.send(commands, order)
    const fatal = replies.find((reply) => reply instanceof CacheError && reply.isFatal)
    if (fatal instanceof CacheError) failure ??= fatal
    if (!isCallersDeadline || now() < deadline) return replies
    return replies.map((reply) => (reply instanceof CacheError && reply.code === 'timeout' ? pastDeadline() : reply))
  }

  function refuseSending(ignoresCooldown: boolean): CacheError | undefined {
    if (signal?.aborted === true) return aborted()
    if (now() >= deadline) return pastDeadline()
    if (failure === undefined || ignoresCooldown) return undefined
    return new CacheError('cooldown', `The connection of this invocation failed before (${failure.code})`)
  }

  function close(): Promise<void> {
    closing ??= finish()
    return closing
  }

  async function finish(): Promise<void> {
    if (active > 0) await new Promise<void>((resolve) => (whenIdle = resolve))
    signal?.removeEventListener('abort', giveUp)
    if (ownsLine) line.close()
  }

  return {
    enter,
    leave,
    turn,
    linger,
    requestAll,
    isIdle: () => active === 0 && lingering === 0,
    isOpen: () => closing === undefined && failure === undefined,
    close,
  }
}

function pastDeadline(): CacheError {
  return new CacheError('deadline', "The caller's deadline has passed")
}
