import { expect } from 'vitest'
import type { Count, Observation } from './observe.ts'
import { type Expected, expectedOf, type FaultRow, timeoutOf } from './outage.ts'
import type { Runtime } from './runtime.ts'
import { PLANTED, SECRETS } from './secrets.ts'
import type { Answer, StepName, Told } from './subject.ts'

/** What is looked at: one fault in one runtime. */
export interface Seen {
  readonly row: FaultRow
  readonly runtime: Runtime
  readonly expected: Expected
  readonly seen: Observation
}

/** One promise, kept or not. */
export interface OutageCase {
  readonly name: string
  /** Default: every runtime. */
  isFor?(runtime: Runtime): boolean
  check(seen: Seen): void
}

/** What a busy machine may add to one operation, in ms. A hang is longer. */
const SLACK = 2_500
/** To the fastest of several: a machine is not busy all the time. A second timeout is longer. */
const SLACK_OF_FASTEST = 250
/** Where the fault tells by itself, the fastest is answered in this time. */
const AT_ONCE = 300
/** Answers in a known outage. The bound of the promise holds for the usual one, a wider one for each. */
const REMEMBERED_WITHIN = 5
const REMEMBERED_SLACK = 500
/** A thousand answers of the cooldown, or one pipeline. */
const BURST_WITHIN = 1_000
/** From the last answer to the end of the event loop: 50, and what a busy machine adds. */
const EXIT_WITHIN = 300

/** The promises, for every fault, transport and runtime. */
export const CASES: readonly OutageCase[] = [
  {
    name: 'the first operation is answered within the timeout, or at once where the fault tells',
    check({ row, expected, seen }) {
      const timeout = timeoutOf(row)
      const times = [...step(seen, 'first').answers, ...step(seen, 'stateless').answers].map(({ ms }) => ms)
      for (const ms of times) expect(ms).toBeLessThan(timeout + SLACK)
      expect(Math.min(...times)).toBeLessThan(expected.isImmediate === true ? AT_ONCE : timeout + SLACK_OF_FASTEST)
      expect(dialsOf(seen, undefined, 'first')).toBeLessThanOrEqual(warmDial(row) + (expected.dials ?? 1))
      expect(countOf(seen, 'first').attempts).toBeLessThanOrEqual(warmDial(row) + mostAttempts(expected))
    },
  },
  {
    name: 'the answer says why',
    check({ row, expected, seen }) {
      const first = step(seen, 'first')
      if (row.onset === 'warm') expect(first.warm).toMatchObject({ status: 'hit' })
      expectRead(first.answers[0], expected)
      if (row.onset === 'cold') for (const answer of step(seen, 'stateless').answers) expectRead(answer, expected)
    },
  },
  {
    name: 'a write is reported as what it came to',
    check({ row, expected, seen }) {
      const writes = { ...step(seen, 'first').writes, ...step(seen, 'second').writes }
      const second = expected.isRemembered ? false : expected.write
      expect(writes).toEqual({ [`${SECRETS.key}:first`]: expected.write, [`${SECRETS.key}:second`]: second })
      if (row.isIncurable === true) return
      const confirmed = Object.entries(writes).filter(([, isConfirmed]) => isConfirmed)
      for (const [key] of confirmed) expect(seen.stored).toContain(key)
      if (expected.isRemembered) expect(seen.stored).not.toContain(`${SECRETS.key}:second`)
    },
  },
  {
    name: 'the second operation is answered at once, without a try, where the outage is known',
    check({ row, expected, seen }) {
      const single = step(seen, 'second').answers.slice(0, 21)
      if (!expected.isRemembered) {
        for (const answer of single) expectRead(answer, expected)
        for (const { ms } of single) expect(ms).toBeLessThan(timeoutOf(row) + SLACK)
        return
      }
      for (const answer of single) expect(answer).toMatchObject({ status: 'degraded', reason: 'cooldown' })
      for (const { ms } of single) expect(ms).toBeLessThan(REMEMBERED_SLACK)
      expect(median(single)).toBeLessThanOrEqual(REMEMBERED_WITHIN)
      expect(dialsOf(seen, 'first', 'second')).toBe(0)
      expect(attemptsOf(seen, 'first', 'second')).toBe(0)
    },
  },
  {
    name: 'a burst of a thousand is answered at once',
    check({ runtime, expected, seen }) {
      const { answers, ms } = step(seen, 'second')
      const burst = answers.slice(21)
      expect(burst).toHaveLength(1_000)
      expect(new Set(burst.map(({ status, reason }) => reason ?? status))).toEqual(new Set([burstAnswer(expected)]))
      expect(ms).toBeLessThan(BURST_WITHIN)
      // One invocation, a root call after the other, a write and a thousand at once: on edges each turn is a connection.
      const most = expected.isRemembered ? 0 : runtime.sharesRootCalls && (expected.read === 'hit' || expected.other === 'miss') ? 4 : 23
      expect(dialsOf(seen, 'first', 'second')).toBeLessThanOrEqual(most * (expected.dials ?? 1))
      expect(attemptsOf(seen, 'first', 'second')).toBeLessThanOrEqual(most * mostAttempts(expected))
    },
  },
  {
    name: 'with the cooldown off every invocation tries, once',
    check({ expected, seen }) {
      expect(dialsOf(seen, 'second', 'stateless')).toBeLessThanOrEqual(3 * (expected.dials ?? 1))
      expect(dialsOf(seen, 'second', 'stateless')).toBeGreaterThanOrEqual(1)
      expect(attemptsOf(seen, 'second', 'stateless')).toBeLessThanOrEqual(3 * mostAttempts(expected))
    },
  },
  {
    name: 'nothing is tried while nobody asks',
    check({ seen }) {
      expect(attemptsOf(seen, 'stateless', 'quiet')).toBe(0)
    },
  },
  {
    name: 'nothing is left open when the invocation is over',
    check({ runtime, expected, seen }) {
      const first = step(seen, 'first')
      expect(first.left).toEqual([])
      const mostOpen = runtime.keepsConnection && (expected.isKept ?? !expected.isRemembered) ? 1 : (expected.open ?? 0)
      expect(first.open).toBeLessThanOrEqual(mostOpen)
    },
  },
  {
    name: 'once Redis is back, an invocation after the cooldown reads and writes, over one connection',
    check({ row, expected, seen }) {
      if (row.isIncurable === true) return
      const { answers, writes } = step(seen, 'recover')
      expect(answers.map(({ status, reason }) => reason ?? status)).toEqual(['hit'])
      expect(answers[0]?.ms).toBeLessThan(timeoutOf(row) + SLACK)
      expect(Object.values(writes)).toEqual([true])
      expect(seen.recoveredStored).toBe(true)
      expect(dialsOf(seen, 'stateless', 'recover')).toBeLessThanOrEqual(seen.recoveries * (expected.dials ?? 1))
      expect(attemptsOf(seen, 'quiet', 'recover')).toBeLessThanOrEqual(seen.recoveries)
    },
  },
  {
    name: 'with copies in memory the value that was there is answered, with the reason, and so is what was written meanwhile',
    isFor: ({ hasCopies }) => hasCopies,
    check({ row, expected, seen }) {
      if (row.isIncurable === true) return
      expect(step(seen, 'keep').answers).toMatchObject([{ status: 'hit', from: 'redis' }])
      const { answers, writes } = step(seen, 'copied')
      const [first, second, own] = answers
      expect(Object.values(writes)).toEqual([expected.isRemembered ? false : expected.write])
      if (expected.read === 'hit') return expect([first, second]).toMatchObject([{ from: 'redis' }, { from: 'redis' }])
      // Which answer is too large is about the call: no copy stands in.
      if (expected.read.includes('oversize')) return expect([first, second]).toMatchObject([{ status: 'degraded' }, { status: 'degraded' }])
      // A busy machine may ask again once the cooldown is over.
      const reasons = expected.isRemembered ? [...expected.read, 'cooldown'] : expected.read
      expect(expected.read).toContain(first?.reason)
      for (const answer of [first, second, own]) {
        expect(answer).toMatchObject({ status: 'hit', from: 'memory' })
        expect(reasons).toContain(answer?.reason)
      }
    },
  },
  {
    name: 'the process leaves by itself after the last answer',
    check({ seen }) {
      expect(step(seen, 'last').answers).toHaveLength(1)
      if (seen.exit.ms !== undefined) expect(seen.exit.ms).toBeLessThan(EXIT_WITHIN)
    },
  },
  {
    name: 'no key, value, password or token is said, and nothing is logged',
    check({ expected, seen }) {
      const said = Object.values(seen.told).flatMap((told) => told.said)
      expect(said.filter((text) => PLANTED.test(text))).toEqual([])
      if (expected.read !== 'hit') expect(said.join()).toContain('CacheError')
      expect(seen.exit.output).not.toMatch(PLANTED)
      if (seen.exit.ms !== undefined) expect(seen.exit.output).toBe('')
    },
  },
]

/** One observation, with what is expected of it. */
export function seenOf(row: FaultRow, runtime: Runtime, seen: Observation): Seen {
  return { row, runtime, expected: expectedOf(row, runtime.name), seen }
}

function expectRead(answer: Answer | undefined, { read, phase }: Expected): void {
  if (read === 'hit') return expect(answer).toMatchObject({ status: 'hit' })
  expect(answer?.status).toBe('degraded')
  expect(read).toContain(answer?.reason)
  if (phase === 'either') expect(answer?.phase).toBeDefined()
  else expect(answer?.phase).toBe(phase)
}

/** Of a thousand reads of a key that nobody wrote. */
function burstAnswer({ isRemembered, read, other }: Expected): string {
  if (isRemembered) return 'cooldown'
  return other ?? (read === 'hit' ? 'miss' : String(read[0]))
}

function mostAttempts({ dials = 1, attempts = dials }: Expected): number {
  return attempts
}

function step(seen: Observation, name: StepName): Told {
  const told = seen.told[name]
  if (told === undefined) throw new Error(`the step ${name} was not played`)
  return told
}

/** The healthy connection that an outage in the middle of an invocation begins with. */
function warmDial({ onset }: FaultRow): number {
  return onset === 'warm' ? 1 : 0
}

function dialsOf(seen: Observation, from: keyof Observation['counts'] | undefined, to: keyof Observation['counts']): number {
  return countOf(seen, to).dials - (from === undefined ? 0 : countOf(seen, from).dials)
}

function attemptsOf(seen: Observation, from: keyof Observation['counts'], to: keyof Observation['counts']): number {
  return countOf(seen, to).attempts - countOf(seen, from).attempts
}

function countOf(seen: Observation, name: keyof Observation['counts']): Count {
  const count = seen.counts[name]
  if (count === undefined) throw new Error(`nothing was counted at ${name}`)
  return count
}

function median(answers: readonly Answer[]): number {
  const sorted = answers.map(({ ms }) => ms).toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
