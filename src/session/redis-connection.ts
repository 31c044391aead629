import { CacheError } from '../errors.ts'
import type { CacheEvent } from '../options/events.ts'
import type { Cooldown } from '../policy/cooldown.ts'
import type { NodesConnection } from '../transport/nodes.ts'
import { isDemoted, isFatal, isLost } from './failed-reply.ts'
import type { Command, Connection, Reply, Transport } from '../transport/transport.ts'

/** A kept connection that was idle for longer (ms) is replaced unseen: middleboxes drop idle flows without a word. */
const MAX_IDLE = 30_000
/** After this much idling (ms) a kept connection gets only half of the time, so that a fresh one can have the rest. */
const DOUBTFUL_IDLE = 1_000

/** How one pipeline is to be sent. */
export interface SendOptions {
  /** Now, epoch ms: a clock is not for nothing, and everything up to the write happens at once. */
  readonly at: number
  /** Epoch ms. */
  readonly deadlineAt: number
  /** Less than the full timeout: running into it alone says nothing about Redis. */
  readonly isPartial: boolean
  /** Sent although the cooldown says no: `health()`. */
  readonly ignoresCooldown: boolean
  /** Told of the failure of the connection that the pipeline ended with. */
  readonly onFatal: (failure: CacheError) => void
  /** What this is the first half of. */
  readonly whole?: SendOptions
}

/**
 * The way to Redis: one connection at a time, dialled by the first command, replaced once where it was kept from before and
 * turned out dead, and remembered in the cooldown where it cannot be had.
 */
export interface RedisConnection {
  /** Sends a pipeline; always resolves, at the deadline at the latest, with one reply a command. */
  send(commands: readonly Command[], options: SendOptions): Promise<readonly Reply[]>
  /** A wait that was given up before its deadline, in ms: such waits add up to an outage. */
  suspect(waited: number): void
  /** A socket is open or being opened. */
  holdsSocket(): boolean
  /** Destroys the connection. The line can be used again. */
  close(): void
  /** Lets what is under way finish within its deadline, then destroys the connection. What is sent meanwhile dials anew. Never rejects. */
  finish(): Promise<void>
  /** Where there are many nodes: what is sent goes there, and each node has a connection of its own. */
  readonly nodes?: NodesConnection
}

/** What a line is made of. */
export interface RedisConnectionOptions {
  readonly transport: Transport
  readonly cooldown: Cooldown
  /** Kept between invocations, so the process may exit while it is open. */
  readonly isReused: boolean
  readonly now: () => number
  readonly emit: ((event: CacheEvent) => void) | undefined
  /** What is answered during the cooldown. One for all: the stack of an error costs more than the rest of such an answer. */
  readonly refusal: () => CacheError
}

interface Dialled {
  readonly connection: Connection
  readonly ticket: number
  /** True once a reply came back over it. */
  hasAnswered: boolean
  /** A pipeline was told so. */
  hasFailed?: true
  usedAt: number
  /** Pipelines that wait for their replies. */
  underWay: number
  /** Called when the last of them has them. */
  whenFree?: () => void
}

/** @returns a line without a connection yet */
export function createRedisConnection({ transport, cooldown, isReused, now, emit, refusal }: RedisConnectionOptions): RedisConnection {
  let current: Dialled | undefined
  /** A demoted one that others still wait for. */
  let left: Dialled | undefined

  function send(commands: readonly Command[], options: SendOptions): Promise<readonly Reply[]> {
    const kept = usableConnection(options.at)
    if (kept?.hasAnswered !== true) return tryFresh(commands, options)
    if (transport.isConnectionless === true) return exchange(kept, commands, options)
    const isDoubtful = Math.abs(options.at - kept.usedAt) > DOUBTFUL_IDLE
    return exchange(kept, commands, isDoubtful ? halve(options) : options, performance.now())
  }

  function tryFresh(commands: readonly Command[], options: SendOptions): Promise<readonly Reply[]> {
    const fresh = freshConnection(options)
    return fresh === undefined ? Promise.resolve(commands.map(refusal)) : exchange(fresh, commands, options)
  }

  /** @param keptSince now by the monotonic clock, where the connection is from before: if it turns out dead or demoted, a fresh one is tried */
  async function exchange(dialled: Dialled, commands: readonly Command[], options: SendOptions, keptSince?: number): Promise<readonly Reply[]> {
    dialled.underWay += 1
    const replies = await dialled.connection.send(commands, options.deadlineAt)
    dialled.underWay -= 1
    if (dialled.underWay === 0) dialled.whenFree?.()
    dialled.usedAt = now()
    const failure = replies.find(isFatal)
    if (failure === undefined) {
      dialled.hasAnswered = true
      if (cooldown.recover(dialled.ticket)) emit?.({ type: 'recovered' })
      if (keptSince === undefined || !replies.some(isDemoted)) return replies
      return leaveDemoted(dialled) ? askElsewhere(replies, commands, options, keptSince) : replies
    }
    if (current === dialled) current = undefined
    dialled.connection.close()
    // A connection that worked before and was hung up on is no outage yet: a fresh one decides.
    const mayHaveHungUp = transport.isConnectionless !== true && dialled.hasAnswered && failure.code === 'unreachable'
    // The first to be told is the one that it happened to: those that only fall with it would make one silence an outage.
    if (!dialled.hasFailed && failure.isOutage && !mayHaveHungUp) remember(dialled, failure, options)
    dialled.hasFailed = true
    if (keptSince !== undefined && replies.some(isLost) && timeLeft(options, keptSince) > 0) return again(replies, commands, options, keptSince)
    options.onFatal(failure)
    return replies
  }

  /** What got no answer is sent once more, over a fresh connection, within the same deadline. */
  async function again(replies: readonly Reply[], commands: readonly Command[], options: SendOptions, keptSince: number): Promise<readonly Reply[]> {
    const lost = commands.filter((_, index) => isLost(replies[index]))
    const retried = await tryFresh(lost, renewed(options, keptSince))
    let next = 0
    return replies.map((reply) => (isLost(reply) ? (retried[next++] ?? null) : reply))
  }

  /**
   * What was sent to a demoted server is sent once more, over a fresh connection, within the same deadline. All of it, since its
   * reads are old; but an old answer is better than none.
   */
  async function askElsewhere(
    replies: readonly Reply[],
    commands: readonly Command[],
    options: SendOptions,
    keptSince: number,
  ): Promise<readonly Reply[]> {
    if (timeLeft(options, keptSince) <= 0) return replies
    const retried = await tryFresh(commands, renewed(options, keptSince))
    return replies.map((reply, index) => (retried[index] instanceof Error && !isDemoted(reply) ? reply : (retried[index] ?? null)))
  }

  function renewed(options: SendOptions, keptSince: number): SendOptions {
    const at = now()
    return { ...(options.whole ?? options), at, deadlineAt: at + timeLeft(options, keptSince) }
  }

  /** What is left (ms) of a pipeline's time: by both clocks, since one may be set back and the other stands still in a frozen process. */
  function timeLeft({ whole, ...options }: SendOptions, keptSince: number): number {
    const { at, deadlineAt } = whole ?? options
    return deadlineAt - at - Math.max(now() - at, performance.now() - keptSince)
  }

  /**
   * A connection to what was the primary once goes on reading old values for ever. It is left for a fresh one, to which the name may
   * lead elsewhere by now; at most once a cooldown, since the address may be a replica's for good.
   *
   * @returns whether there is another connection, or may be
   */
  function leaveDemoted(dialled: Dialled): boolean {
    if (current !== dialled) return current !== undefined
    if (!cooldown.mayReplace()) return false
    current = undefined
    left?.connection.close()
    left = undefined
    if (dialled.underWay === 0) dialled.connection.close()
    else {
      left = dialled
      dialled.whenFree = () => dialled.connection.close()
    }
    return true
  }

  function remember({ ticket, usedAt }: Dialled, failure: CacheError, { isPartial, at }: SendOptions): void {
    announce(isPartial && failure.code === 'timeout' ? cooldown.suspect(ticket, Math.max(0, usedAt - at)) : cooldown.trip(ticket), failure)
  }

  function announce(span: number | undefined, failure: CacheError): void {
    if (span !== undefined) emit?.({ type: 'cooldown', reason: failure.code, ms: span })
  }

  function usableConnection(at: number): Dialled | undefined {
    if (current === undefined) return undefined
    const isIdleTooLong = isReused && current.hasAnswered && current.underWay === 0 && Math.abs(at - current.usedAt) > MAX_IDLE
    if (current.connection.isUsable && !isIdleTooLong) return current
    close()
    return undefined
  }

  /** What another pipeline dialled meanwhile will do, unless it is the probe of an outage: that is for one to wait for. */
  function freshConnection(options: SendOptions): Dialled | undefined {
    const dialled = usableConnection(options.at)
    if (dialled === undefined) return dial(options)
    return dialled.hasAnswered || options.ignoresCooldown || !cooldown.isOn() ? dialled : undefined
  }

  function dial(options: SendOptions): Dialled | undefined {
    const ticket = cooldown.admit(options.ignoresCooldown)
    if (ticket === undefined) return undefined
    const connection = transport.open()
    if (isReused) connection.unref?.()
    current = { connection, ticket, hasAnswered: false, usedAt: options.at, underWay: 0 }
    emit?.({ type: 'connect', transport: transport.name })
    return current
  }

  function halve(options: SendOptions): SendOptions {
    return { ...options, deadlineAt: options.at + (options.deadlineAt - options.at) / 2, isPartial: true, whole: options }
  }

  function close(): void {
    current?.connection.close()
    current = undefined
    left?.connection.close()
    left = undefined
  }

  async function finish(): Promise<void> {
    // Twice: what turned out dead meanwhile is asked for again over a fresh connection.
    for (let round = 0; round < 2; round += 1) {
      const leaving = current
      if (leaving === undefined) return
      current = undefined
      if (leaving.underWay > 0) await new Promise<void>((resolve) => (leaving.whenFree = resolve))
      leaving.connection.close()
    }
  }

  function suspect(waited: number): void {
    if (current === undefined || current.hasAnswered) return
    announce(cooldown.suspect(current.ticket, waited), new CacheError('timeout', 'No answer'))
  }

  return {
    send,
    suspect,
    holdsSocket: () => current !== undefined && transport.isConnectionless !== true,
    close,
    finish,
  }
}
