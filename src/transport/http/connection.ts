import { CacheError } from '../../errors.ts'
import { startDeadline } from '../../policy/deadline.ts'
import { startClock } from '../../policy/elapsed.ts'
import { timedOut, tookTooLong, toHttpError } from './errors.ts'
import type { Command, Connection, Reply } from '../transport.ts'

/** Upstash takes requests of 10 MB at most; some room is left for headers. */
const MAX_BODY_BYTES = 9_500_000
/** The most requests that a batch is taken apart into whose answer is too large. */
const MAX_REQUESTS = 31

/**
 * Sends one request.
 *
 * @param onProgress told that a part of the answer came
 * @returns one reply a command; rejects where the request as a whole failed
 */
export type Exchange = (commands: readonly Command[], signal: AbortSignal, onProgress: () => void) => Promise<readonly Reply[]>

/** Where a part of the answer came within this part of a request's time before its end, it is still coming. */
const FLOWING = 1 / 4
/** ms. Where two parts are no further apart, the event loop was not blocked by others in between: reading is what it does. */
const BUSY_READING = 20

/** What belongs to one invocation over HTTP: its requests under way. There is nothing to dial: the first `send` is the first I/O. */
export function openHttp(exchange: Exchange): Connection {
  /** Requests under way, each with the way to end it at once: not every runtime's fetch heeds its signal at once. */
  const pending = new Set<(error: CacheError) => void>()
  let failure: CacheError | undefined

  /**
   * One after the other where a request would be too large, so that the commands keep their order. What is too large only
   * together is asked for again in halves, within the same deadline: all our commands may be run twice. Never in more requests
   * than there are commands, so that a server whose every answer is too large sees no loop.
   */
  async function send(commands: readonly Command[], deadlineAt: number): Promise<readonly Reply[]> {
    const bound = deadlineAt - Date.now()
    const elapsed = startClock(Date.now)
    const replies: Reply[] = []
    const left = [...split(commands)]
    const most = Math.min(commands.length, MAX_REQUESTS)
    let requests = 0
    let isAgain = false
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      requests += 1
      const outcome = failure ?? (await request(part, bound - elapsed(), isAgain))
      if (isTooLarge(outcome) && part.length > 1 && requests + left.length + 2 <= most && elapsed() < bound) {
        isAgain = true
        const middle = Math.ceil(part.length / 2)
        left.unshift(part.slice(0, middle), part.slice(middle))
        continue
      }
      if (outcome instanceof CacheError && outcome.isFatal) fail(outcome)
      // One by one: a call takes some 100,000 arguments, and a part may have more.
      for (const index of part.keys()) replies.push(outcome instanceof CacheError ? outcome : (outcome[index] ?? null))
    }
    return replies
  }

  /** @param isAgain running into the deadline says that there was much to be read, and nothing about the server */
  function request(part: readonly Command[], left: number, isAgain: boolean): Promise<readonly Reply[] | CacheError> {
    const lifetime = new AbortController()
    return new Promise((resolve) => {
      let progressAt = -Infinity
      const endsAt = performance.now() + left
      const stopTimer = startDeadline(Date.now() + left, (isConclusive, wait) => {
        const isFlowing = performance.now() - progressAt < wait * FLOWING
        end(isFlowing ? tookTooLong(wait) : timedOut(wait, isConclusive && !isAgain))
      })

      function settle(outcome: readonly Reply[] | CacheError): void {
        stopTimer()
        pending.delete(end)
        resolve(outcome)
      }
      function end(error: CacheError): void {
        settle(error)
        // Also after an answer: what is left of its body is dropped unread.
        lifetime.abort()
      }
      function progress(): void {
        const at = performance.now()
        // The timer is late where parts keep the event loop busy, and waits for what it takes to have come already.
        if (at > endsAt && at - progressAt < BUSY_READING) end(tookTooLong(left))
        progressAt = at
      }
      pending.add(end)
      exchange(part, lifetime.signal, progress).then(settle, (error: unknown) => end(toHttpError(error)))
    })
  }

  function fail(error: CacheError): void {
    if (failure !== undefined) return
    failure = error
    for (const end of pending) end(error)
  }

  return {
    send,
    get isUsable() {
      return failure === undefined
    },
    close: () => fail(new CacheError('closed', 'The connection was closed', { isFatal: true })),
  }
}

/** The answer, or the request where the server takes less than Upstash does. */
function isTooLarge(outcome: readonly Reply[] | CacheError): boolean {
  return outcome instanceof CacheError && outcome.code === 'oversize'
}

/** Parts that stay below the limit together. A single command that does not is sent alone, for Upstash to judge. */
function split(commands: readonly Command[]): readonly (readonly Command[])[] {
  if (commands.length === 0) return []
  if (commands.reduce((sum, command) => sum + mostBytes(command), 0) <= MAX_BODY_BYTES) return [commands]
  const encoder = new TextEncoder()
  const parts: Command[][] = []
  let room = 0
  for (const command of commands) {
    const bytes = encoder.encode(JSON.stringify(command)).length + 1
    if (bytes > room || parts.length === 0) {
      parts.push([])
      room = MAX_BODY_BYTES
    }
    parts.at(-1)?.push(command)
    room -= bytes
  }
  return parts
}

/** As JSON, a UTF-16 unit takes six bytes at most: an escaped control character. */
function mostBytes(command: Command): number {
  return command.reduce((sum, argument) => sum + 6 * argument.length + 3, 3)
}
