import { fromEnv, type Reason } from 'fastmiss'
import { testCache, type TestFault } from 'fastmiss/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

afterEach(() => void vi.useRealTimers())

describe('the clock', () => {
  test('an entry ends when the test says that its time is over, and not before', async () => {
    await using cache = testCache({ namespace: 'app', ttl: 60_000 })
    await cache.set('key', 'value')
    cache.clock.advance(59_999)
    expect(await cache.lookup('key')).toEqual({ status: 'hit', value: 'value', age: 59_999, ttl: 1, from: 'redis' })
    cache.clock.advance(1)
    expect(await cache.lookup('key')).toEqual({ status: 'miss' })
    expect(await cache.has('key')).toBe(false)
  })

  test('time stands still by itself', async () => {
    await using cache = testCache()
    const startedAt = cache.clock.now()
    expect(Math.abs(startedAt - Date.now())).toBeLessThan(10_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(cache.clock.now()).toBe(startedAt)
  })

  test('it may follow another clock, such as that of fake timers', async () => {
    vi.useFakeTimers()
    await using cache = testCache({ ttl: 60_000, now: () => Date.now() })
    await cache.set('key', 'value')
    vi.advanceTimersByTime(59_000)
    expect(await cache.lookup('key')).toMatchObject({ status: 'hit', age: 59_000 })
    cache.clock.advance(1_000)
    expect(await cache.lookup('key')).toEqual({ status: 'miss' })
  })

  test('nothing hangs under fake timers, faults and close included', async () => {
    vi.useFakeTimers()
    await using cache = testCache()
    cache.fail('timeout')
    expect(await cache.lookup('key', { timeout: 10 })).toMatchObject({ reason: 'timeout' })
    await using invocation = cache.invocation({ signal: AbortSignal.timeout(1_000), deadline: cache.clock.now() + 5_000 })
    expect(await invocation.lookup('key')).toMatchObject({ reason: 'cooldown' })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('stale windows open and close by it', async () => {
    await using cache = testCache()
    let version = 0
    const load = () => cache.wrapped('key', () => ++version, { ttl: 60_000, swr: 30_000, staleIfError: 60_000, jitter: 0 })
    expect(await load()).toMatchObject({ value: 1, status: 'miss' })
    cache.clock.advance(59_999)
    expect(await load()).toMatchObject({ value: 1, status: 'hit' })
    cache.clock.advance(2)
    expect(await cache.lookup('key')).toMatchObject({ status: 'stale', value: 1, age: 60_001 })
    cache.clock.advance(60_000)
    expect(await cache.lookup('key')).toEqual({ status: 'miss' })
    expect(await load()).toMatchObject({ value: 2, status: 'miss' })
  })

  test('a tag that was invalidated ends its entries', async () => {
    await using cache = testCache({ ttl: 60_000 })
    await cache.set('tagged', 1, { tags: ['users'] })
    await cache.set('other', 2)
    cache.clock.advance(1_000)
    await cache.invalidateTags(['users'])
    expect(await cache.getMany(['tagged', 'other'])).toEqual([undefined, 2])
  })

  test.each([-1, 0.5, Number.NaN, Infinity])('it does not go %d ms on', (ms) => {
    expect(() => testCache().clock.advance(ms)).toThrow(RangeError)
  })
})

describe('faults', () => {
  test.each<[TestFault, number]>([
    ['timeout', 250],
    ['unreachable', 0],
    ['auth', 0],
    ['protocol', 0],
  ])('%s is remembered until the cooldown has passed', async (fault, ms) => {
    await using cache = testCache({ timeout: 250, cooldown: 1_000 })
    await cache.set('key', 'value')
    cache.fail(fault)
    const startedAt = cache.clock.now()
    expect(await cache.lookup('key')).toMatchObject({ status: 'degraded', reason: fault, ms })
    expect(cache.clock.now() - startedAt).toBe(ms)
    expect(await cache.set('key', 'other')).toBe(false)
    expect(cache.counters.requests).toBe(2)

    cache.fail()
    cache.clock.advance(999)
    expect(await cache.lookup('key')).toMatchObject({ reason: 'cooldown' })
    cache.clock.advance(1)
    expect(await cache.get('key')).toBe('value')
    expect(cache.counters.requests).toBe(3)
  })

  test('while probes fail the cooldown doubles', async () => {
    await using cache = testCache({ cooldown: 1_000, maxCooldown: 4_000 })
    cache.fail('unreachable')
    const reasons: (Reason | undefined)[] = []
    for (const pause of [0, 1_000, 1_000, 1_000, 3_999, 1]) {
      cache.clock.advance(pause)
      const found = await cache.lookup('key')
      reasons.push(found.status === 'degraded' ? found.reason : undefined)
    }
    expect(reasons).toEqual(['unreachable', 'unreachable', 'cooldown', 'unreachable', 'cooldown', 'unreachable'])
    expect(cache.events.filter(({ type }) => type === 'cooldown')).toMatchObject([{ ms: 1_000 }, { ms: 2_000 }, { ms: 4_000 }, { ms: 4_000 }])
  })

  test('an error reply fails its commands alone, and is not remembered', async () => {
    await using cache = testCache()
    await cache.set('key', 'old')
    cache.fail('reply', { only: 'writes' })
    expect(await Promise.all([cache.set('key', 'new'), cache.get('key'), cache.delete('key')])).toEqual([false, 'old', false])
    expect(await cache.get('key')).toBe('old')
    cache.fail('reply', { only: 'reads' })
    expect(await cache.lookup('key')).toMatchObject({ reason: 'reply', error: { cause: { code: 'OOM' } } })
    expect(await cache.set('key', 'new')).toBe(true)
    cache.fail()
    expect(await cache.get('key')).toBe('new')
  })

  test('a fault may end by itself after some round trips', async () => {
    await using cache = testCache({ cooldown: 0, maxCooldown: 0 })
    cache.fail('unreachable', { times: 2 })
    const statuses = []
    for (let turn = 0; turn < 3; turn++) statuses.push((await cache.lookup('key')).status)
    expect(statuses).toEqual(['degraded', 'degraded', 'miss'])
  })

  test('within an invocation the first failure is the last question', async () => {
    await using cache = testCache({ cooldown: 0, maxCooldown: 0 })
    await using invocation = cache.invocation()
    expect(await invocation.set('key', 1)).toBe(true)
    cache.fail('unreachable', { times: 1 })
    expect(await invocation.lookup('key')).toMatchObject({ reason: 'unreachable' })
    expect(await invocation.lookup('key')).toMatchObject({ reason: 'cooldown' })
    expect(await cache.get('key')).toBe(1)
  })

  test('what is no fault is refused', () => {
    const cache = testCache()
    expect(() => cache.fail('gone' as TestFault)).toThrow(/^fail: unknown fault 'gone'. Known: timeout, /)
    expect(() => cache.fail('timeout', { times: 0 })).toThrow(RangeError)
    expect(() => cache.fail('timeout', { only: 'get' as 'reads' })).toThrow(TypeError)
  })
})

describe('what it tells', () => {
  test('commands, connections and round trips', async () => {
    await using cache = testCache({ namespace: 'app' })
    await Promise.all([cache.get('a'), cache.get('b'), cache.delete('c')])
    expect(cache.commands).toEqual([
      ['GET', 'app::a'],
      ['GET', 'app::b'],
      ['DEL', 'app::c'],
    ])
    expect(cache.counters).toEqual({ connections: 1, requests: 1, commands: 3 })
  })

  test('events, to the listener as well', async () => {
    const heard: string[] = []
    await using cache = testCache({ onEvent: ({ type }) => heard.push(type) })
    await cache.set('key', 1)
    await cache.get('key')
    expect(cache.events.map(({ type }) => type)).toEqual(['connect', 'connected', 'write', 'hit'])
    expect(heard).toEqual(['connect', 'connected', 'write', 'hit'])
  })
})

describe('copies in memory', () => {
  test('are young for as long as the test says, and outlive the outage that it makes', async () => {
    await using cache = testCache({ memory: { ttl: 5_000, outage: 60_000 } })
    await cache.set('key', 'value')
    const sent = cache.commands.length
    cache.clock.advance(4_999)
    expect(await cache.lookup('key')).toMatchObject({ status: 'hit', from: 'memory', age: 4_999 })
    expect(cache.commands).toHaveLength(sent)
    cache.clock.advance(1)
    expect(await cache.lookup('key')).toMatchObject({ status: 'hit', from: 'redis' })

    cache.fail('timeout')
    cache.clock.advance(59_000)
    expect(await cache.lookup('key')).toMatchObject({ status: 'hit', value: 'value', from: 'memory', reason: 'timeout' })
    expect(cache.events.at(-1)).toMatchObject({ type: 'hit', from: 'memory', reason: 'timeout' })
    cache.clock.advance(1_000)
    expect(await cache.lookup('key')).toMatchObject({ status: 'degraded' })
  })

  test('end by fake timers too, where the clock follows them', async () => {
    vi.useFakeTimers()
    await using cache = testCache({ memory: true, now: () => Date.now() })
    await cache.set('key', 'value')
    vi.advanceTimersByTime(4_999)
    expect(await cache.lookup('key')).toMatchObject({ from: 'memory' })
    vi.advanceTimersByTime(1)
    expect(await cache.lookup('key')).toMatchObject({ from: 'redis' })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('take their options as the real cache, and refuse what it refuses', () => {
    expect(() => testCache({ memory: { ttl: 0 } })).toThrow(/^memory\.ttl: /)
  })
})

test('the options of the real cache may be handed in as they are', async () => {
  const options = { ...fromEnv({ REDIS_URL: 'redis://redis.invalid:1' }), namespace: 'app', tls: {}, connectTimeout: 5, connection: 'reuse' } as const
  await using cache = testCache(options)
  expect(await cache.set('key', 1)).toBe(true)
  expect(await cache.health()).toMatchObject({ status: 'ok', transport: 'memory' })
})

test('each is empty and on its own', async () => {
  await testCache().set('key', 1)
  expect(await testCache().lookup('key')).toEqual({ status: 'miss' })
})
