import { createCache } from 'fastmiss'
import { testCache, type TestCacheOptions } from 'fastmiss/testing'
import { expect, test } from 'vitest'

const SECOND = 1_000
const cacheWith = (options: TestCacheOptions = {}) => testCache({ memory: { ttl: 5 * SECOND, outage: 3_600 * SECOND }, ...options })

test.each([
  ['set', (one: Invocation) => one.set('k', 'new'), 'new'],
  ['setMany', (one: Invocation) => one.setMany([{ key: 'k', value: 'new' }]), 'new'],
  ['delete', (one: Invocation) => one.delete('k'), undefined],
  ['deleteMany', (one: Invocation) => one.deleteMany(['k', 'other']), undefined],
  ['take', (one: Invocation) => one.take('k'), undefined],
  ['invalidateTags', (one: Invocation) => one.invalidateTags(['t']), undefined],
  ['clear', (one: Invocation) => one.clear(), undefined],
  ['clear of a prefix', (one: Invocation) => one.clear({ prefix: 'k' }), undefined],
])('%s is seen by the next call of every other invocation, with Redis and without', async (_, change, value) => {
  for (const fault of [undefined, 'unreachable'] as const) {
    await using cache = cacheWith({ cooldown: 0, maxCooldown: 0 })
    await cache.set('k', 'old', { tags: ['t'] })
    await using reader = cache.invocation()
    await using writer = cache.invocation()
    expect(await reader.lookup('k')).toMatchObject({ value: 'old', from: 'memory' })
    cache.fail(fault)
    await change(writer)
    expect(await reader.get('k')).toBe(value)
    expect(await cache.get('k')).toBe(value)
  }
})

test('a view of a namespace within has copies of its own keys, and clears them alone', async () => {
  await using cache = cacheWith({ namespace: 'app' })
  const view = cache.namespace('inner')
  await cache.set('k', 'outer')
  await view.set('k', 'inner')
  const sent = cache.commands.length
  expect([await cache.get('k'), await view.get('k')]).toEqual(['outer', 'inner'])
  expect(cache.commands).toHaveLength(sent)
  cache.fail('unreachable')
  await view.delete('k')
  expect([await cache.get('k'), await view.get('k')]).toEqual(['outer', undefined])
})

test('has and hasMany are answered by copies in an outage, as far as there are any', async () => {
  await using cache = cacheWith()
  await cache.set('k', 1)
  cache.clock.advance(10 * SECOND)
  cache.fail('unreachable')
  expect(await cache.has('k')).toBe(true)
  expect(await cache.hasMany(['k', 'none'])).toEqual([true, false])
})

test('a stale copy within staleIfError stands in for a source that fails, too', async () => {
  await using cache = cacheWith()
  const options = { ttl: 10 * SECOND, staleIfError: 600 * SECOND }
  await cache.wrap('k', () => 'loaded', options)
  cache.clock.advance(60 * SECOND)
  cache.fail('timeout')
  const broken = (): never => {
    throw new Error('the source is away')
  }
  expect(await cache.wrapped('k', broken, options)).toMatchObject({ value: 'loaded', status: 'stale', from: 'memory' })
  cache.clock.advance(600 * SECOND)
  await expect(cache.wrapped('k', broken, options)).rejects.toThrow('the source is away')
})

test('a text that cannot be decoded is told: no copy of the one before stands in', async () => {
  let isBroken = false
  const parse = (text: string): unknown => {
    if (isBroken) throw new Error('unknown shape')
    return JSON.parse(text) as unknown
  }
  await using cache = cacheWith({ serializer: { stringify: JSON.stringify, parse } })
  await cache.set('k', 1)
  isBroken = true
  cache.clock.advance(10 * SECOND)
  expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'decode' })
})

test('an entry that is too large is told: no copy of a smaller one stands in, and what Redis does not take is not kept', async () => {
  await using cache = cacheWith({ limits: { valueBytes: 100 } })
  await cache.set('k', 'small')
  expect(await cache.set('k', 'x'.repeat(200))).toBe(false)
  cache.fail('unreachable')
  expect(await cache.lookup('k')).toMatchObject({ status: 'degraded' })
})

test('copies before memory: are refused by name, whatever they are set to', () => {
  for (const memory of [true, { ttl: 1 }]) expect(() => createCache({ url: 'memory:', memory })).toThrow(/^memory: /)
  expect(() => createCache({ url: 'memory:', memory: false })).not.toThrow()
})

type Invocation = ReturnType<ReturnType<typeof testCache>['invocation']>
