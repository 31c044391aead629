import { expect, test } from 'vitest'
import { attemptsWithin } from '../../src/cli/drill/attempts-within.ts'
import { judge } from '../../src/cli/drill/judge.ts'
import type { Answer, Rehearsal } from '../../src/cli/drill/rehearsal.ts'

const SETTINGS = { timeout: 250, cooldown: 1_000, maxCooldown: 10_000 }

/** Health until 0, an outage until 1,600 that is noticed by a timeout and remembered, health again when the cooldown ends. */
function kept(): Rehearsal {
  const answers: Answer[] = []
  for (let startedAt = -400; startedAt < 3_800; startedAt += 40) {
    const key = answers.length % 2 === 0 ? 'present' : 'absent'
    const isHealthy = startedAt < 0 || startedAt >= 3_500
    const isProbe = startedAt === 0 || startedAt === 1_280
    const status = isHealthy ? (key === 'present' ? 'hit' : 'miss') : 'degraded'
    const reason = isProbe ? 'timeout' : 'cooldown'
    answers.push({ startedAt, key, ms: isProbe ? 252 : 0.3, status, ...(isHealthy ? { confirmed: answers.length } : { reason }), lag: 0 })
    if (isProbe) startedAt += 240
  }
  return {
    fault: 'silent',
    expectation: 'outage',
    wire: 'tcp',
    settings: SETTINGS,
    answers,
    dials: [-400, -200, 0, 1_280, 3_520],
    mendedAt: 1_600,
    stored: 10,
    confirmedByThen: 10,
    exitMs: 3,
    openAfterExit: 0,
    disturbance: 0,
  }
}

const changed = (rehearsal: Rehearsal, at: (answer: Answer) => boolean, change: Partial<Answer>): Rehearsal => ({
  ...rehearsal,
  answers: rehearsal.answers.map((answer) => (at(answer) ? { ...answer, ...change } : answer)),
})
const during = ({ startedAt }: Answer): boolean => startedAt >= 0 && startedAt < 1_600

/** The same with copies in memory: what is there is a hit in the outage, too. */
function withCopies(good: Rehearsal): Rehearsal {
  const copied = changed(good, (answer) => during(answer) && answer.key === 'present', { status: 'hit', from: 'memory' })
  return { ...copied, settings: { ...SETTINGS, memory: { ttl: 1 } } }
}

test('with copies in memory a hit in the outage is what is promised', () => {
  expect(judge(withCopies(kept())).broken).toEqual([])
})

test('what is too large is told: no copy stands in for it', () => {
  const large = changed(withCopies(kept()), during, { status: 'degraded', reason: 'oversize' })
  expect(judge(large).broken).toEqual([])
})

test('an outage that is bounded, remembered and over in time breaks nothing', () => {
  const verdict = judge(kept())
  expect(verdict).toMatchObject({ firstMs: 252, secondMs: 0.3, connections: 2, broken: [] })
  expect(verdict.recoveryMs).toBeGreaterThan(1_900)
})

test.for<[string, (good: Rehearsal) => Rehearsal, string[]]>([
  ['one answer beyond the timeout', (good) => changed(good, ({ startedAt }) => startedAt === 0, { ms: 300 }), ['bounded']],
  ['a request that hangs', (good) => ({ ...good, pendingSince: 1_000 }), ['bounded']],
  ['a second answer that waits again', (good) => changed(good, ({ startedAt }) => startedAt === 280, { ms: 30 }), ['remembered']],
  ['an attempt too many for the cooldown', (good) => ({ ...good, dials: [...good.dials, 300, 700, 900] }), ['no loop']],
  ['an attempt after the last answer', (good) => ({ ...good, dials: [...good.dials, 5_000] }), ['no loop']],
  ['a cold start that is no hit', (good) => changed(good, ({ startedAt }) => startedAt === -400, { status: 'miss' }), ['first get']],
  [
    'a degraded answer in health',
    (good) => changed(good, ({ startedAt }) => startedAt === -200, { status: 'degraded', reason: 'timeout' }),
    ['first get'],
  ],
  ['a process that has to be ended', ({ exitMs: _, ...good }) => good, ['nothing left']],
  ['a process that ends late', (good) => ({ ...good, exitMs: 400 }), ['nothing left']],
  ['a connection that stays', (good) => ({ ...good, openAfterExit: 1 }), ['nothing left']],
  [
    'a sick Redis that passes for a miss',
    (good) => changed(good, (answer) => during(answer) && answer.key === 'present', { status: 'miss' }),
    ['says why'],
  ],
  ['a write that Redis does not hold', (good) => ({ ...good, confirmedByThen: 11 }), ['says why']],
  [
    'a cache that does not come back',
    (good) => changed(good, ({ startedAt }) => startedAt > 1_600, { status: 'degraded', reason: 'cooldown' }),
    ['comes back'],
  ],
  [
    'a value that was there, and that no copy answers',
    (good) => changed(withCopies(good), (answer) => answer.startedAt === 640, { status: 'degraded', reason: 'cooldown' }),
    ['copies answer'],
  ],
  [
    'a copy that passes for Redis when it is back',
    (good) => changed(withCopies(good), ({ startedAt }) => startedAt > 1_600, { status: 'hit', from: 'memory', key: 'present' }),
    ['comes back'],
  ],
])('%s is seen', ([, spoil, broken]) => {
  expect(judge(spoil(kept())).broken).toEqual(broken)
})

test('what this machine was too busy for is not held against the cache', () => {
  expect(judge(changed(kept(), ({ startedAt }) => startedAt === 0, { ms: 300, lag: 60 })).broken).toEqual([])
  expect(judge(changed(kept(), ({ startedAt }) => startedAt === 480, { ms: 15, lag: 12 })).broken).toEqual([])
})

test('the cooldown allows so many attempts in a span, and no more', () => {
  expect(attemptsWithin(SETTINGS, 999)).toEqual({ count: 1, wait: 1_000 })
  expect(attemptsWithin(SETTINGS, 1_600)).toEqual({ count: 2, wait: 2_000 })
  expect(attemptsWithin(SETTINGS, 3_000)).toEqual({ count: 3, wait: 4_000 })
  expect(attemptsWithin({ ...SETTINGS, maxCooldown: 1_000 }, 3_500)).toEqual({ count: 4, wait: 1_000 })
})

test('a shard beside a broken one is spared only where each answer is real and none waits', () => {
  const answers = kept().answers.map((answer): Answer => ({ ...answer, ms: 3, status: answer.key === 'present' ? 'hit' : 'miss' }))
  const spared: Rehearsal = { ...kept(), expectation: 'spared', shard: { number: 2, of: 3 }, answers }
  expect(judge(spared).broken).toEqual([])
  expect(judge(changed(spared, ({ startedAt }) => startedAt === 0, { ms: 200 })).broken).toEqual(['spared'])
  expect(judge(changed(spared, ({ startedAt }) => startedAt === 0, { status: 'degraded', reason: 'timeout' })).broken).toEqual(['says why', 'spared'])
})

test('in a cluster one request a cooldown may take as long as another shard’s answer, and no longer', () => {
  const second = kept().answers.find(({ startedAt }) => startedAt > 0)
  const asking = (ms: number): Rehearsal => ({
    ...changed(kept(), ({ startedAt }) => startedAt === second?.startedAt, { ms }),
    shard: { number: 1, of: 3 },
  })
  expect(judge(asking(20)).broken).toEqual([])
  expect(judge(asking(200)).broken).toEqual(['remembered'])
  const { shard: _none, ...single } = asking(20)
  expect(judge(single).broken).toEqual(['remembered'])
})
