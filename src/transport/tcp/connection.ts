import { CacheError } from '../../errors.ts'
import { callForeign } from '../../policy/call-foreign.ts'
import { startDeadline } from '../../policy/deadline.ts'
import type { createHangUps } from './hang-up.ts'
import type { Driver } from './driver.ts'
import { toConnectionError, toDriverError, toReplyError } from './errors.ts'
import type { Command, Connection, Reply } from '../transport.ts'

/** Where the last reply came within this part of a pipeline's time before its end, replies are still coming. */
const FLOWING = 1 / 4

/** What is known of the connection before it is dialled. */
export interface ConnectionOptions {
  /** ms; undefined for whatever the operation has left. */
  readonly connectTimeout: number | undefined
  /**
   * Commands ride right behind the handshake, which saves a round trip. Not where they would do harm if it fails: behind a
   * SELECT that is refused they would reach another database.
   */
  readonly ridesBehindHandshake: boolean
  /** What an operation is answered after the end. One for all connections: the stack of an error costs more than the rest of a close. */
  readonly closed: CacheError
  /** Dials so that the socket can be ended before it is connected. */
  readonly endable: ReturnType<typeof createHangUps>
}

/** One socket by node-redis. Every wait is bounded here: the driver's own timeouts leave gaps. */
export function openConnection(newDriver: (signal: AbortSignal | undefined) => Driver, options: ConnectionOptions): Connection {
  const { connectTimeout, ridesBehindHandshake, closed, endable } = options
  /** Pipelines under way, each with the way to end it at once: the driver may never settle them. */
  const pending = new Set<(error: CacheError) => void>()
  let driver: Driver | undefined
  let hangUp: ((error: Error) => void) | undefined
  /** What must wait until the handshake went well, in order; undefined from then on. */
  let early: (() => void)[] | undefined = []
  let failure: CacheError | undefined
  let isConnected = false
  let isReady = false
  let isUnreferenced = false
  let stopConnectTimer: (() => void) | undefined
  /** Commands that were written and have no reply yet, whether or not somebody still waits for it. */
  let unanswered = 0
  /** When the last reply to one of several commands came, by the monotonic clock. */
  let repliedAt = -Infinity
  /** Of the replies that are read at once the first asks for the time: it costs more than all else that is done with one. */
  let isTimed = false

  function timeReplies(): void {
    if (isTimed) return
    isTimed = true
    repliedAt = performance.now()
    queueMicrotask(forgetTimed)
  }

  function forgetTimed(): void {
    isTimed = false
  }

  function dial(): void {
    hangUp = endable((signal) => {
      const dialled = newDriver(signal)
      driver = dialled
      listen(dialled)
      if (isUnreferenced) dialled.unref()
      dialled.connect().then(proceed, (error: unknown) => fail(toConnectionError(error, 'connect')))
    })
    // The driver may have told of a failure before `connect` returned.
    if (failure !== undefined) return hangUp(failure)
    if (connectTimeout !== undefined) {
      stopConnectTimer = startDeadline(Date.now() + connectTimeout, (isConclusive) => fail(timedOut('connect', connectTimeout, isConclusive)))
    }
  }

  function listen(dialled: Driver): void {
    // Without a listener one dead socket ends the process; garbage instead of RESP is told here and nowhere else.
    dialled.on('error', (error) => fail(toConnectionError(error, phase())))
    // Where the hang-up is not heeded, a socket that connects after its end is destroyed here.
    dialled.on('connect', () => {
      isConnected = true
      if (failure !== undefined) destroy(dialled)
    })
    dialled.on('ready', () => {
      isReady = true
      stopConnectTimer?.()
    })
  }

  function send(commands: readonly Command[], deadlineAt: number): Promise<readonly Reply[]> {
    if (failure !== undefined) return Promise.resolve(commands.map(() => failure ?? null))
    return new Promise((resolve) => {
      const replies: Reply[] = []
      const stopTimer = startDeadline(deadlineAt, (isConclusive, wait) => {
        // There was much to be read, and it still comes: a timeout of this pipeline alone.
        if (performance.now() - repliedAt < wait * FLOWING) settle(tookTooLong(wait))
        else fail(timedOut(phase(), wait, isConclusive), settle)
      })

      function settle(error: CacheError | undefined): void {
        stopTimer()
        pending.delete(settle)
        if (error !== undefined) while (replies.length < commands.length) replies.push(error)
        resolve(replies)
      }
      const isMany = commands.length > 1
      function takeReply(reply: unknown): void {
        unanswered -= 1
        if (isMany) timeReplies()
        take(reply)
      }
      // Redis answers in order and promises settle in order, so that a reply needs no index and no closure of its own.
      function take(reply: unknown): void {
        // Redis answers what rides behind a handshake that it refuses, and the driver tells of the refusal a moment later.
        if (early !== undefined) early.push(() => take(reply))
        else if (replies.length < commands.length && replies.push(reply as Reply) === commands.length) settle(undefined)
      }
      function takeError(error: unknown): void {
        if (failure === undefined) takeReply(toReplyError(error))
      }

      pending.add(settle)
      const used = connected()
      if (used === undefined) return
      const write = (): void => {
        unanswered += commands.length
        attempt(() => writeAll(used, commands, takeReply, takeError))
      }
      if (early === undefined || ridesBehindHandshake) write()
      else early.push(write)
    })
  }

  function proceed(): void {
    const waiting = early ?? []
    early = undefined
    for (const run of waiting) run()
  }

  /** @returns undefined where the driver could not even be made or asked to connect; the failure is recorded then */
  function connected(): Driver | undefined {
    if (driver === undefined) attempt(dial)
    return failure === undefined ? driver : undefined
  }

  /** Calls the driver. What it throws ends this connection and nothing else. */
  function attempt(call: () => void): void {
    try {
      call()
    } catch (error) {
      fail(toDriverError(error, phase()))
    }
  }

  /** @param first the pipeline that it happened to: the others fall with it */
  function fail(error: CacheError, first?: (error: CacheError) => void): void {
    if (failure !== undefined) return
    failure = error
    connection.isUsable = false
    stopConnectTimer?.()
    const isAwaited = pending.size > 0 || unanswered > 0
    // Those who wait come first: redis 5 throws in `destroy` where its client is closed already.
    first?.(error)
    for (const settle of pending) settle(error)
    // The driver destroys a socket only once it has it.
    if (!isConnected) hangUp?.(error)
    if (driver !== undefined) end(driver, isAwaited)
  }

  function end(ended: Driver, isAwaited: boolean): void {
    // Closing says the same where nobody waits, without the error and its stack that destroying makes for those who do.
    if (isReady && !isAwaited && callForeign(() => ended.close())) return
    // Also where it never connected: it takes the client off the driver's list of instances.
    destroy(ended)
  }

  function phase(): 'connect' | 'command' {
    return isReady ? 'command' : 'connect'
  }

  function unref(): void {
    isUnreferenced = true
    if (driver !== undefined) attempt(driver.unref.bind(driver))
  }

  // A field that is written once: making a getter costs more than all the rest of this object.
  const connection = { send, isUsable: true, close: () => fail(closed), unref }
  return connection
}

function writeAll(driver: Driver, commands: readonly Command[], take: (reply: unknown) => void, takeError: (error: unknown) => void): void {
  if (driver.sendPipeline !== undefined) return driver.sendPipeline(commands, take, takeError)
  for (const command of commands) driver.sendCommand(command).then(take, takeError)
}

function destroy(driver: Driver): void {
  callForeign(() => driver.destroy())
}

function tookTooLong(wait: number): CacheError {
  return new CacheError('timeout', `Not all answers came within ${Math.max(0, Math.round(wait))} ms`, { phase: 'command' })
}

function timedOut(phase: 'connect' | 'command', wait: number, isConclusive: boolean): CacheError {
  const what = phase === 'connect' ? 'No connection' : 'No answer'
  return new CacheError('timeout', `${what} within ${Math.max(0, Math.round(wait))} ms`, {
    phase,
    isFatal: true,
    isOutage: isConclusive,
    isLost: true,
  })
}
