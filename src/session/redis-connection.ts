import type { CacheError } from '../errors.ts'
import type { CacheEvent } from '../options/events.ts'
import type { Cooldown } from '../policy/cooldown.ts'
import type { NodesConnection } from '../transport/nodes.ts'
import { type Dialled, reportTo } from './dialled.ts'
import { isDemoted, isFatal, isLost } from './failed-reply.ts'
import { halve, hasTimeLeft, renewed, type SendOptions } from './send-options.ts'
import type { Command, Reply, Transport } from '../transport/transport.ts'

/** ms. A kept connection that was idle for longer is replaced without trying it: proxies and NATs drop idle connections silently. */
const MAX_IDLE = 30_000
/** ms. A kept connection that was idle for longer gets half of the time; if it does not answer, a fresh one gets the other half. */
const DOUBTFUL_IDLE = 1_000

/**
 * The connection to one Redis server, which is opened when it is needed: the first command dials. A connection that was kept from before
 * and turns out to be dead is replaced once. A failure starts the cooldown.
 */
export interface RedisConnection {
  /** Sends a pipeline; always resolves, at the deadline at the latest, with one reply a command. */
  send(commands: readonly Command[], options: SendOptions): Promise<readonly Reply[]>
  /** A caller stopped waiting after so many ms, before the deadline. Several such waits without an answer count as an outage. */
  suspect(waited: number): void
  /** A socket is open or being opened. */
  holdsSocket(): boolean
  /** Destroys the socket. The next command dials again. */
  close(): void
  /** Waits for the pipelines under way, then destroys the socket. What is sent meanwhile dials a new one. Never rejects. */
  finish(): Promise<void>
  /** Where there are many nodes: what is sent goes there, and each node has a connection of its own. */
  readonly nodes?: NodesConnection
}

/** What a connection is made of. */
export interface RedisConnectionOptions {
  readonly transport: Transport
  readonly cooldown: Cooldown
  /** Kept between invocations, so the process may exit while it is open. */
  readonly isReused: boolean
  readonly now: () => number
  readonly emit: ((event: CacheEvent) => void) | undefined
  /** The error that is answered during the cooldown. Always the same one, since to make an error is slow. */
  readonly refusal: () => CacheError
}

/** @returns a connection that is not open yet */
export function createRedisConnection({ transport, cooldown, isReused, now, emit, refusal }: RedisConnectionOptions): RedisConnection {
  const report = reportTo(cooldown, transport.name, emit)
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
      if (!dialled.hasAnswered) emit?.({ type: 'connected', transport: transport.name, ms: dialled.usedAt - dialled.dialledAt })
      dialled.hasAnswered = true
      if (cooldown.recover(dialled.ticket)) emit?.({ type: 'recovered' })
      if (keptSince === undefined || !replies.some(isDemoted)) return replies
      return leaveDemoted(dialled) ? askElsewhere(replies, commands, options, keptSince) : replies
    }
    if (current === dialled) current = undefined
    dialled.connection.close()
    // A server may close a connection that worked. That is no outage until a fresh connection fails too.
    const mayHaveHungUp = transport.isConnectionless !== true && dialled.hasAnswered && failure.code === 'unreachable'
    // Several pipelines fail with one connection. Only the first of them counts, or one silence would count many times.
    if (!dialled.hasFailed && failure.isOutage && !mayHaveHungUp) report.outage(dialled, failure, options)
    if (!dialled.hasFailed && !dialled.hasAnswered) report.failed(dialled, failure)
    dialled.hasFailed = true
    if (keptSince !== undefined && replies.some(isLost) && hasTimeLeft(options, keptSince, now)) return again(replies, commands, options, keptSince)
    options.onFatal(failure)
    return replies
  }

  /** What got no answer is sent once more, over a fresh connection, within the same deadline. */
  async function again(replies: readonly Reply[], commands: readonly Command[], options: SendOptions, keptSince: number): Promise<readonly Reply[]> {
    const lost = commands.filter((_, index) => isLost(replies[index]))
    const retried = await tryFresh(lost, renewed(options, keptSince, now))
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
    if (!hasTimeLeft(options, keptSince, now)) return replies
    const retried = await tryFresh(commands, renewed(options, keptSince, now))
    return replies.map((reply, index) => (retried[index] instanceof Error && !isDemoted(reply) ? reply : (retried[index] ?? null)))
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

  function usableConnection(at: number): Dialled | undefined {
    if (current === undefined) return undefined
    const isIdleTooLong = isReused && current.hasAnswered && current.underWay === 0 && Math.abs(at - current.usedAt) > MAX_IDLE
    if (current.connection.isUsable && !isIdleTooLong) return current
    close()
    return undefined
  }

  /** A connection that another pipeline has dialled meanwhile may be used, but not the probe of an outage: one caller waits for that. */
  function freshConnection(options: SendOptions): Dialled | undefined {
    const dialled = usableConnection(options.at)
    if (dialled === undefined) return dial(options)
    return dialled.hasAnswered || options.ignoresCooldown || !cooldown.isOn() ? dialled : undefined
  }

  function dial(options: SendOptions): Dialled | undefined {
    // All who asked have their answer, or have gone, while a connection from before turned out dead or led elsewhere.
    if (options.asker.waiting === 0) return undefined
    const ticket = cooldown.admit(options.ignoresCooldown)
    if (ticket === undefined) return undefined
    const connection = transport.open()
    if (isReused) connection.unref?.()
    current = { connection, ticket, hasAnswered: false, dialledAt: options.at, usedAt: options.at, underWay: 0 }
    emit?.({ type: 'connect', transport: transport.name })
    return current
  }

  function close(): void {
    current?.connection.close()
    current = undefined
    left?.connection.close()
    left = undefined
  }

  async function finish(): Promise<void> {
    // Twice, since a pipeline whose connection was dead may have dialled a second one.
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
    report.silence(current, waited)
  }

  return {
    send,
    suspect,
    holdsSocket: () => current !== undefined && transport.isConnectionless !== true,
    close,
    finish,
  }
}
