import { testCache, type TestCacheOptions } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'

const SECOND = 1_000
const cacheWith = (options: TestCacheOptions = {}) => testCache({ memory: { ttl: 5 * SECOND, outage: 3_600 * SECOND }, ...options })

describe('a copy', () => {
  test('answers every verb that reads, without a command, for memory.ttl', async () => {
    await using cache = cacheWith()
    await cache.set('k', { a: 1 })
    const sent = cache.commands.length
    expect(await cache.get('k')).toEqual({ a: 1 })
    expect(await cache.lookup('k')).toMatchObject({ status: 'hit', value: { a: 1 }, from: 'memory' })
    expect(await cache.has('k')).toBe(true)
    expect(await cache.getMany(['k'])).toEqual([{ a: 1 }])
    expect(await cache.wrap('k', () => 'loaded')).toEqual({ a: 1 })
    expect(await cache.wrapped('k', () => 'loaded')).toMatchObject({ status: 'hit', value: { a: 1 }, from: 'memory' })
    expect(await cache.wrapMany(['k'], () => ({ k: 'loaded' }))).toEqual([{ a: 1 }])
    expect(cache.commands).toHaveLength(sent)
    cache.clock.advance(5 * SECOND)
    expect(await cache.lookup('k')).toMatchObject({ status: 'hit', from: 'redis' })
    expect(cache.commands).toHaveLength(sent + 1)
  })

  test('of many keys saves the commands of those that it answers, and no other', async () => {
    await using cache = cacheWith()
    await cache.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ])
    await cache.get('c')
    const sent = cache.commands.length
    expect(await cache.getMany(['a', 'c', 'b'])).toEqual([1, undefined, 2])
    expect(cache.commands.slice(sent)).toEqual([['GET', 'c']])
  })

  test('is decoded for each caller; with share the same object is handed to everybody', async () => {
    await using own = cacheWith()
    await own.set('k', { a: 1 })
    expect(await own.get('k')).not.toBe(await own.get('k'))
    await using shared = cacheWith({ memory: { share: true } })
    await shared.set('k', { a: 1 })
    expect(await shared.get('k')).toEqual({ a: 1 })
    expect(await shared.get('k')).toBe(await shared.get('k'))
    await shared.set('k', { a: 2 })
    expect(await shared.get('k')).toEqual({ a: 2 })
  })

  test('is passed over with memory: false, which puts what Redis has in its place', async () => {
    await using cache = cacheWith()
    await cache.set('k', 1)
    const sent = cache.commands.length
    expect(await cache.lookup('k', { memory: false })).toMatchObject({ status: 'hit', from: 'redis' })
    expect(await cache.wrapped('k', () => 2, { memory: false })).toMatchObject({ status: 'hit', from: 'redis' })
    expect(cache.commands).toHaveLength(sent + 2)
    cache.fail('unreachable')
    expect(await cache.lookup('k', { memory: false })).toMatchObject({ status: 'degraded', reason: 'unreachable' })
    expect(await cache.lookup('k')).toMatchObject({ status: 'hit', from: 'memory' })
    await expect(cache.get('k', { memory: 'no' as never })).rejects.toThrow(/^memory: expected true or false/)
  })

  test('of a tagged entry answers without its versions, until this process invalidates the tag', async () => {
    await using cache = cacheWith()
    await cache.set('k', 1, { tags: ['t'] })
    const sent = cache.commands.length
    expect(await cache.lookup('k')).toMatchObject({ status: 'hit', from: 'memory' })
    expect(cache.commands).toHaveLength(sent)
    cache.fail('unreachable')
    expect(await cache.invalidateTags(['t'])).toBe(false)
    expect(await cache.lookup('k')).toMatchObject({ status: 'degraded' })
  })

  test('is told to onEvent as such, with the reason in an outage', async () => {
    await using cache = cacheWith()
    await cache.set('k', 1)
    await cache.get('k')
    cache.clock.advance(5 * SECOND)
    cache.fail('unreachable')
    await cache.getMany(['k', 'l'])
    expect(cache.events.filter(({ type }) => type === 'hit' || type === 'degraded')).toMatchObject([
      { type: 'hit', operation: 'get', count: 1, from: 'memory' },
      { type: 'hit', operation: 'get', count: 1, from: 'memory', reason: 'unreachable' },
      { type: 'degraded', operation: 'get', count: 1, reason: 'unreachable' },
    ])
  })

  test('never answers health', async () => {
    await using cache = cacheWith()
    await cache.set('k', 1)
    cache.fail('unreachable')
    expect(await cache.health()).toMatchObject({ status: 'degraded' })
  })
})

describe.each(['timeout', 'unreachable', 'auth', 'protocol', 'reply'] as const)('while Redis answers with %s', (fault) => {
  test('a copy stands in within its windows and memory.outage, with the reason', async () => {
    await using cache = cacheWith({ memory: { ttl: 1, outage: 60 * SECOND } })
    await cache.wrap('fresh', () => 1, { ttl: 3_600 * SECOND })
    await cache.wrap('stale', () => 2, { ttl: 10 * SECOND, swr: 3_600 * SECOND })
    await cache.wrap('gone', () => 3, { ttl: 10 * SECOND })
    cache.clock.advance(20 * SECOND)
    cache.fail(fault)
    expect(await cache.lookup('fresh')).toMatchObject({ status: 'hit', value: 1, from: 'memory', reason: fault })
    expect(await cache.lookup('stale')).toMatchObject({ status: 'stale', value: 2, from: 'memory' })
    expect(await cache.lookup('gone')).toMatchObject({ status: 'degraded' })
    cache.clock.advance(40 * SECOND)
    expect(await cache.lookup('fresh')).toMatchObject({ status: 'degraded' })
  })

  test('the source is asked once a key: what it gives is kept until Redis answers', async () => {
    await using cache = cacheWith()
    let loads = 0
    const load = (): number => (loads += 1)
    cache.fail(fault)
    for (let index = 0; index < 10; index++) await cache.wrap('k', load, { ttl: 60 * SECOND, tags: ['t'] })
    expect(loads).toBe(1)
    expect(await cache.wrapped('k', load, { ttl: 60 * SECOND })).toMatchObject({ status: 'hit', value: 1, from: 'memory', stored: false })
    expect(await cache.wrapMany(['a', 'b'], (keys) => Object.fromEntries(keys.map((key) => [key, load()])))).toEqual([2, 3])
    expect(await cache.wrapMany(['a', 'b'], () => ({}))).toEqual([2, 3])
    cache.clock.advance(60 * SECOND)
    expect(await cache.wrap('k', load, { ttl: 60 * SECOND })).toBe(4)
    cache.fail()
    cache.clock.advance(60 * SECOND)
    expect(await cache.lookup('k')).toEqual({ status: 'miss' })
    cache.fail(fault)
    expect(await cache.lookup('k')).toMatchObject({ status: 'degraded' })
  })

  test('a stale value is refreshed once, and the new one served', async () => {
    await using cache = cacheWith()
    let loads = 0
    const load = (): number => (loads += 1)
    const options = { ttl: 10 * SECOND, swr: 3_600 * SECOND }
    await cache.wrap('k', load, options)
    cache.clock.advance(20 * SECOND)
    cache.fail(fault)
    const waiting: Promise<unknown>[] = []
    await using invocation = cache.invocation({ waitUntil: (promise) => void waiting.push(promise) })
    expect(await invocation.wrap('k', load, options)).toBe(1)
    await Promise.all(waiting)
    for (let index = 0; index < 5; index++) expect(await cache.wrap('k', load, options)).toBe(2)
    expect(loads).toBe(2)
  })

  test('a set is false, and answers in place of the old value; a delete leaves nothing', async () => {
    await using cache = cacheWith()
    await cache.setMany(['a', 'b', 'c', 'd'].map((key) => ({ key, value: 'old' })))
    cache.fail(fault)
    expect(await cache.set('a', 'new')).toBe(false)
    expect(await cache.set('b', 'new', { tags: ['t'] })).toBe(false)
    expect(await cache.delete('c')).toBe(false)
    expect(await cache.set('d', () => {})).toBe(false)
    expect(await cache.lookup('a')).toMatchObject({ status: 'hit', value: 'new', from: 'memory' })
    expect(await cache.lookup('b')).toMatchObject({ status: 'hit', value: 'new', from: 'memory' })
    expect(await cache.lookup('c')).toMatchObject({ status: 'degraded' })
    expect(await cache.lookup('d')).toMatchObject({ status: 'degraded' })
    await cache.invalidateTags(['t'])
    expect(await cache.lookup('b')).toMatchObject({ status: 'degraded' })
    await cache.clear()
    expect(await cache.lookup('a')).toMatchObject({ status: 'degraded' })
  })
})

test('a load that began before a change of this process brings nothing back', async () => {
  await using cache = cacheWith()
  for (const change of [() => cache.delete('k'), () => cache.clear(), () => cache.set('k', 'set'), () => cache.invalidateTags(['t'])]) {
    let finish = (_: string): void => {}
    const loading = cache.wrap('k', () => new Promise<string>((resolve) => (finish = resolve)), { ttl: 60 * SECOND, tags: ['t'] })
    await new Promise((resolve) => setTimeout(resolve, 5))
    cache.fail('reply')
    await change()
    finish('loaded')
    await loading
    const seen = await cache.lookup('k')
    expect('value' in seen ? seen.value : undefined).not.toBe('loaded')
    cache.fail()
    await cache.delete('k')
  }
})

test('no copy stands in for a call that was given up, or for an invocation that is over', async () => {
  await using cache = cacheWith()
  await cache.set('k', 1)
  expect(await cache.lookup('k', { signal: AbortSignal.abort() })).toMatchObject({ status: 'degraded', reason: 'aborted' })
  const invocation = cache.invocation()
  expect(await invocation.lookup('k')).toMatchObject({ status: 'hit', from: 'memory' })
  await invocation.close()
  expect(await invocation.lookup('k')).toMatchObject({ status: 'degraded', reason: 'closed' })
})
