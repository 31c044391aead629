import { attemptsWithin } from './attempts-within.ts'
import { type Answer, endOf, isFromRedis, isTrue, type Rehearsal } from './rehearsal.ts'

/** The promises that a rehearsal can see broken. The first six are those of the README; the others are what they are for: a shard is `spared`
 * where another one is broken, and `copies answer` where there are any. */
type PromiseName = 'bounded' | 'remembered' | 'no loop' | 'first get' | 'nothing left' | 'says why' | 'comes back' | 'spared' | 'copies answer'

/** What is said about one rehearsal. Absent figures were never seen. */
export interface Verdict {
  /** How long the first request under the fault took, and the next one, ms. */
  readonly firstMs?: number
  readonly secondMs?: number
  /** Attempts to connect, from the beginning of the fault to its end. */
  readonly connections: number
  /** From the end of the fault to the first real answer, ms. */
  readonly recoveryMs?: number
  /** None where all promises were kept. */
  readonly broken: readonly PromiseName[]
}

/** ms that a timer, a callback and a clock may be off on a quiet machine. */
const TOLERANCE = 25
/** ms: an answer from memory. */
const AT_ONCE = 5
/** ms by which a late event loop counts as blocked, as in the deadline of the cache. */
const BLOCKED = 20
/** ms from the last answer to the end. */
const EXIT = 50

/** Holds what was measured against what is promised. */
export function judge(rehearsal: Rehearsal): Verdict {
  const { answers, dials, mendedAt } = rehearsal
  const during = answers.filter(({ startedAt }) => startedAt >= 0 && startedAt < mendedAt)
  const back = answers.find((answer) => isFromRedis(answer) && endOf(answer) > mendedAt)
  const [first, second] = during
  const checks: readonly (readonly [PromiseName, boolean])[] = [
    ['bounded', isBounded(rehearsal)],
    ['remembered', isRemembered(rehearsal, during)],
    ['no loop', isWithoutLoop(rehearsal, during, back)],
    ['first get', isFirstGetReal(answers)],
    ['nothing left', rehearsal.exitMs !== undefined && rehearsal.exitMs <= EXIT + TOLERANCE + lagOf(answers) && rehearsal.openAfterExit === 0],
    ['says why', saysWhy(rehearsal, during)],
    ['spared', isSpared(rehearsal, during)],
    ['comes back', back !== undefined && endOf(back) - mendedAt <= recoveryBound(rehearsal, back)],
    ['copies answer', doCopiesAnswer(rehearsal, during)],
  ]
  return {
    ...(first === undefined ? {} : { firstMs: first.ms }),
    ...(second === undefined ? {} : { secondMs: second.ms }),
    connections: dials.filter((at) => at >= 0 && at < mendedAt).length,
    ...(back === undefined ? {} : { recoveryMs: endOf(back) - mendedAt }),
    broken: checks.filter(([, isKept]) => !isKept).map(([name]) => name),
  }
}

/**
 * Every operation settles within its timeout. Where others kept the event loop, the deadline of the cache lets pending replies go
 * first: twice, and for half of the timeout each.
 */
function isBounded({ answers, pendingSince, settings: { timeout } }: Rehearsal): boolean {
  if (pendingSince !== undefined) return false
  return answers.every(({ ms, lag }) => ms <= timeout + TOLERANCE + lag + (lag > BLOCKED ? timeout : 0))
}

/**
 * After a failure the next answer comes at once; only the probes may wait. In a cluster one request a cooldown asks another shard, too, whether
 * somebody else holds the slots by now: it takes as long as that one's answer.
 */
function isRemembered({ expectation, settings, mendedAt, shard }: Rehearsal, during: readonly Answer[]): boolean {
  if (expectation !== 'outage') return true
  const [, second] = during
  if (second === undefined) return false
  const slow = during.filter(({ ms, lag }) => ms > AT_ONCE + lag)
  const { count } = attemptsWithin(settings, mendedAt)
  if (shard === undefined) return !slow.includes(second) && slow.length <= count
  const waiting = slow.filter(({ ms, lag }) => ms > settings.timeout / 2 + lag)
  return !waiting.includes(second) && waiting.length <= count && slow.length <= 2 * count
}

/** One attempt for an operation that may try, one more for a connection kept from before, none without an operation. */
function isWithoutLoop(
  { expectation, settings, answers, dials, mendedAt, wire }: Rehearsal,
  during: readonly Answer[],
  back: Answer | undefined,
): boolean {
  const endedAt = Math.max(...answers.map(endOf))
  if (dials.some((at) => at > endedAt)) return false
  const untilBack = dials.filter((at) => at >= 0 && at <= (back === undefined ? endedAt : endOf(back))).length
  const attempts = expectation === 'outage' ? attemptsWithin(settings, mendedAt).count : during.length
  // Node's fetch opens a connection for later where one was given up (undici, Node 24.21). The answer that found Redis mended dialled too.
  return untilBack <= attempts * (wire === 'http' ? 2 : 1) + 1
}

/** A cold start on a healthy Redis is a real answer, and so is all that follows. */
function isFirstGetReal(answers: readonly Answer[]): boolean {
  const before = answers.filter(({ startedAt }) => startedAt < 0)
  return before[0]?.status === 'hit' && before.every(isTrue)
}

/** A sick Redis is told from a miss, and no write that Redis does not hold was confirmed. */
function saysWhy({ expectation, stored, confirmedByThen }: Rehearsal, during: readonly Answer[]): boolean {
  if (confirmedByThen > stored || during.length === 0) return false
  if (expectation === 'harmless' || expectation === 'spared') return during.every(isTrue)
  // Half of the replies, or a dripping one, may come in time: then it is the truth that is told.
  return during.every((answer) => (answer.status === 'degraded' ? answer.reason !== undefined : isTrue(answer)))
}

/** A dead shard costs the others nothing: each of their answers is a real one, long before the dead one's timeout. */
function isSpared({ expectation, settings: { timeout } }: Rehearsal, during: readonly Answer[]): boolean {
  return expectation !== 'spared' || during.every((answer) => isTrue(answer) && answer.ms <= timeout / 2 + answer.lag)
}

/** What was there before the outage is answered throughout, but where an answer is too large: that is about the call. */
function doCopiesAnswer({ settings: { memory } }: Rehearsal, during: readonly Answer[]): boolean {
  return memory === undefined || during.every((answer) => answer.key === 'absent' || isTrue(answer) || answer.reason === 'oversize')
}

/** The last cooldown, one operation, and the pace of the requests. */
function recoveryBound({ settings, mendedAt }: Rehearsal, { lag }: Answer): number {
  return attemptsWithin(settings, mendedAt).wait + settings.timeout + 2 * TOLERANCE + lag
}

function lagOf(answers: readonly Answer[]): number {
  return answers.at(-1)?.lag ?? 0
}
