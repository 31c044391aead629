import { createCache } from 'fastmiss'
import { startRedis, testCache } from 'fastmiss/testing'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'
import { counting, onWire, WIRES } from './support/wires.ts'

describe.each(WIRES)('over %s', (wire) => {
  test('a missing value is loaded, stored and from then on read', async () => {
    await using given = await onWire(wire)
    const loader = counting()
    expect(await given.cache.wrapped('k', loader.load, { ttl: 60_000 })).toEqual({ value: 'value 1', status: 'miss', age: 0, stored: true })
    expect(await given.cache.wrap('k', loader.load)).toBe('value 1')
    expect(await given.other().get('k')).toBe('value 1')
    await using invocation = given.other().invocation()
    expect(await invocation.wrapped('k', loader.load)).toMatchObject({ value: 'value 1', status: 'hit', stored: true })
    expect(loader.calls).toBe(1)
  })

  test('a value ends with its time to live', async () => {
    await using given = await onWire(wire)
    const loader = counting()
    await given.cache.wrap('k', loader.load, { ttl: 40 })
    await expect.poll(() => given.cache.wrap('k', loader.load, { ttl: 60_000 })).toBe('value 2')
    expect(await given.cache.wrap('k', loader.load)).toBe('value 2')
  })
})

test('a hit is one command, a miss two', async () => {
  await using cache = testCache()
  await cache.wrap('k', () => 1)
  expect(cache.commands.map(([name]) => name)).toEqual(['GET', 'SET'])
  await cache.wrap('k', () => 2, { ttl: 5, swr: 5, staleIfError: 5, negativeTtl: 5, jitter: 0.5, beta: 1, lease: true, loaderTimeout: 5 })
  expect(cache.commands.map(([name]) => name)).toEqual(['GET', 'SET', 'GET'])
})

test("the cache's ttl is the default, and the loader may set another", async () => {
  await using cache = testCache({ ttl: 60_000 })
  await cache.wrap('a', () => 1)
  await cache.wrap('b', () => 1, { ttl: 1_000 })
  await cache.wrap('c', ({ setTtl }) => setTtl(500), { ttl: 1_000, negativeTtl: 5 })
  expect(cache.commands.filter(([name]) => name === 'SET').map((command) => command.at(-1))).toEqual(['60000', '1000', '500'])
})

test('a value that was stored without swr and tags is what set would have stored', async () => {
  await using cache = testCache()
  await cache.wrap('a', () => ({ text: 'x' }), { ttl: 1_000 })
  await cache.set('a', { text: 'x' }, { ttl: 1_000 })
  const [first, second] = cache.commands.filter(([name]) => name === 'SET')
  expect(first).toEqual(second)
})

test('the loader is told its key and the stale value, and may forbid storing', async () => {
  await using cache = testCache()
  const seen: unknown[] = []
  const load = ({ key, stale, doNotStore }: { key: string; stale: unknown; doNotStore(): void }): number => {
    seen.push([key, stale])
    if (seen.length === 2) doNotStore()
    return seen.length
  }
  const options = { ttl: 1_000, swr: 1_000 }
  expect(await cache.wrapped('k', load, options)).toMatchObject({ value: 1, stored: true })
  cache.clock.advance(1_500)
  expect(await cache.wrapped('k', load, options)).toEqual({ value: 2, status: 'miss', age: 0, stored: false })
  expect(seen).toEqual([
    ['k', undefined],
    ['k', 1],
  ])
  // What was stored before is gone with it.
  expect(await cache.lookup('k')).toEqual({ status: 'miss' })
})

test('undefined is not stored, null is', async () => {
  await using cache = testCache()
  let calls = 0
  const load = (value: unknown) => () => {
    calls += 1
    return value
  }
  expect(await cache.wrapped('u', load(undefined))).toEqual({ value: undefined, status: 'miss', age: 0, stored: false })
  await cache.wrap('u', load(undefined))
  expect(calls).toBe(2)
  await cache.wrap('n', load(null))
  expect(await cache.wrapped('n', load(1))).toMatchObject({ value: null, status: 'hit' })
})

test('with negativeTtl both mean nothing, and are remembered for so long', async () => {
  await using cache = testCache()
  for (const nothing of [null, undefined]) {
    const options = { ttl: 60_000, swr: 60_000, negativeTtl: 1_000 }
    const key = String(nothing)
    expect(await cache.wrapped(key, () => nothing, options)).toMatchObject({ value: nothing, status: 'miss', stored: true })
    expect(await cache.wrapped(key, (): unknown => 'there', options)).toMatchObject({ value: nothing, status: 'hit' })
    expect(await cache.get(key)).toBe(nothing)
    // As `get` has it: null is a value. `lookup` tells that "there is nothing" is remembered.
    expect([await cache.has(key), await cache.hasMany([key])]).toEqual([nothing === null, [nothing === null]])
    expect(await cache.lookup(key)).toMatchObject({ status: 'hit', value: nothing })
    cache.clock.advance(1_000)
    expect(await cache.wrap(key, () => 'there', options)).toBe('there')
    cache.clock.advance(1_500)
    expect(await cache.wrap(key, () => 'again', options)).toBe('there')
  }
})

test('wrap rejects as its loader does, and stores nothing', async () => {
  await using cache = testCache()
  const error = new Error('down')
  await expect(cache.wrap('k', () => Promise.reject(error))).rejects.toBe(error)
  const thrown = cache.wrap('k', () => {
    throw error
  })
  await expect(thrown).rejects.toBe(error)
  expect(await cache.has('k')).toBe(false)
  expect(await cache.wrap('k', () => 1)).toBe(1)
})

test('a value that cannot be stored is returned all the same, and the answer says why', async () => {
  await using cache = testCache({ limits: { valueBytes: 100, keyBytes: 20 } })
  expect(await cache.wrapped('k', () => 'x'.repeat(200))).toMatchObject({ status: 'miss', stored: false, reason: 'oversize' })
  expect(await cache.wrapped('k', () => () => 1)).toMatchObject({ status: 'miss', stored: false, reason: 'decode' })
  expect(await cache.wrapped('k'.repeat(30), () => 1)).toMatchObject({ value: 1, status: 'degraded', stored: false, reason: 'oversize' })
})

test('in an outage the loader is asked, nothing rejects, and Redis is asked once', async () => {
  await using cache = testCache()
  cache.fail('timeout')
  expect(await cache.wrapped('k', () => 1, { tags: ['t'], lease: true, ttl: 5, swr: 5 })).toEqual({
    value: 1,
    status: 'degraded',
    age: 0,
    stored: false,
    reason: 'timeout',
  })
  expect(cache.counters.requests).toBe(1)
  expect(await cache.wrapped('k', () => 2)).toMatchObject({ value: 2, status: 'degraded', reason: 'cooldown' })
  expect(cache.counters.requests).toBe(1)
})

test('a write that Redis refuses does not fail the call', async () => {
  await using cache = testCache()
  cache.fail('reply', { only: 'writes' })
  expect(await cache.wrapped('k', () => 1)).toMatchObject({ value: 1, status: 'miss', stored: false, reason: 'reply' })
})

test('what is stored and is no entry is loaded anew and overwritten', async () => {
  await using redis = await startRedis()
  const cache = createCache({ url: redis.url, timeout: 2_000 })
  const plain = await createClient({ url: redis.url }).connect()
  await plain.set('k', 'no entry')
  plain.destroy()
  expect(await cache.wrapped('k', () => 1)).toEqual({ value: 1, status: 'degraded', age: 0, stored: true, reason: 'decode' })
  expect(await cache.wrapped('k', () => 2)).toMatchObject({ value: 1, status: 'hit' })
})

test('events tell what a read came to and what the loader did', async () => {
  await using cache = testCache()
  await cache.wrap('k', () => 1, { ttl: 1_000, swr: 1_000 })
  await cache.wrap('k', () => 1)
  cache.clock.advance(1_500)
  const error = new Error('down')
  await cache.wrap('k', () => Promise.reject(error), { ttl: 1_000, swr: 1_000 })
  const told = cache.events.filter(({ type }) => !type.startsWith('connect'))
  expect(told.every((event) => 'operation' in event && event.operation === 'wrap')).toBe(true)
  expect(told.map(({ type }) => type)).toEqual(['miss', 'load', 'write', 'hit', 'stale', 'load-failed'])
  expect(told.at(-1)).toMatchObject({ error })
})

test('wrong options reject with the name of the option, on a hit too', async () => {
  await using cache = testCache()
  await cache.set('k', 1)
  const cases: readonly (readonly [options: object, message: RegExp])[] = [
    [{ ttl: Number.NaN }, /^ttl: expected milliseconds, got NaN; leave it out for no expiry/],
    [{ ttl: '60s' }, /^ttl: .*a value of type string/],
    [{ swr: -1 }, /^swr: expected whole milliseconds, 0 or more, got -1/],
    [{ swr: 1.5 }, /^swr: /],
    [{ staleIfError: Number.NaN }, /^staleIfError: /],
    [{ negativeTtl: 0 }, /^negativeTtl: /],
    [{ swr: 1_000 }, /^swr: needs a ttl/],
    [{ staleIfError: 1_000 }, /^staleIfError: needs a ttl/],
    [{ jitter: 2 }, /^jitter: expected a number from 0 to 1, got 2/],
    [{ beta: -1 }, /^beta: /],
    [{ tags: 'users' }, /^tags: expected an array of strings/],
    [{ tags: [''] }, /^tags: /],
    [{ schema: {} }, /^schema: expected a Standard Schema/],
    [{ loaderTimeout: 0 }, /^loaderTimeout: /],
    [{ loaderTimeout: { hard: 0 } }, /^loaderTimeout\.hard: /],
    [{ loaderTimeout: { soft: 50, hard: 50 } }, /^loaderTimeout\.soft: must be less than loaderTimeout\.hard \(50\), got 50/],
    [{ loaderTimeout: { hrad: 5 } }, /^loaderTimeout\.hrad: unknown option/],
    [{ lease: 0 }, /^lease: /],
    [{ lease: 'yes' }, /^lease: /],
    [{ waitUntil: 1 }, /^waitUntil: expected a function/],
    [{ timeout: 0 }, /^timeout: /],
    [{ signal: {} }, /^signal: /],
    [{ stale: 5 }, /^stale: unknown option\. Known: ttl, swr/],
  ]
  for (const [options, message] of cases) await expect(cache.wrap('k', () => 1, options as never)).rejects.toThrow(message)
  await expect(cache.wrap('k', 5 as never)).rejects.toThrow(/^loader: expected a function, got 5/)
  await expect(cache.wrap(5 as never, () => 1)).rejects.toThrow(/^key: /)
  await expect(cache.wrap('x', ({ setTtl }) => setTtl('1h' as never))).rejects.toThrow(/^ttl: /)
  await expect(cache.wrap('x', ({ setTags }) => setTags([5 as never]))).rejects.toThrow(/^tags: /)
})

test('jitter takes at most its fraction off the time to live', async () => {
  await using cache = testCache()
  for (let index = 0; index < 200; index += 1) await cache.wrap(`k${index}`, () => 1, { ttl: 10_000, jitter: 0.2 })
  const ttls = cache.commands.filter(([name]) => name === 'SET').map((command) => Number(command.at(-1)))
  expect(Math.min(...ttls)).toBeGreaterThanOrEqual(8_000)
  expect(Math.max(...ttls)).toBeLessThanOrEqual(10_000)
  expect(new Set(ttls).size).toBeGreaterThan(100)
})
