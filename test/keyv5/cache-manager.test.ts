import { createKeyv } from 'fastmiss/keyv'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { createClient } from 'redis'
import { expect, test } from 'vitest'
import { loadKeyv5Project } from './support/keyv5-project.ts'

test('cache-manager 7 runs with the store, and goes on when Redis is gone', async () => {
  await using project = await loadKeyv5Project()
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = project.createCache({ stores: [project.fastmiss.createKeyv(proxy.url, { namespace: 'app', timeout: 300 })] })
  await cache.set('a', { value: 1 }, 60_000)
  expect(await cache.get('a')).toEqual({ value: 1 })
  await cache.mset([
    { key: 'b', value: 2 },
    { key: 'c', value: 3 },
  ])
  expect(await cache.mget(['b', 'none', 'c'])).toEqual([2, undefined, 3])
  expect(await cache.wrap('d', async () => 4, 60_000)).toBe(4)
  expect(await cache.wrap('d', async () => 5, 60_000)).toBe(4)
  expect(await cache.del('a')).toBe(true)
  expect(await cache.get('a')).toBeUndefined()

  await proxy.set('blackhole')
  const startedAt = performance.now()
  expect(await cache.get('b')).toBeUndefined()
  expect(await cache.wrap('e', async () => 6)).toBe(6)
  await cache.set('b', 7)
  expect(performance.now() - startedAt).toBeLessThan(3_000)

  await proxy.set('healthy')
  await expect.poll(() => cache.get('b'), { timeout: 10_000, interval: 100 }).toBe(2)
  expect(await cache.clear()).toBe(true)
  expect(await cache.get('b')).toBeUndefined()
})

test('cacheable 2 runs with the store as its second layer, for Keyv 5 and as a Keyv of its own', async () => {
  await using project = await loadKeyv5Project()
  await using redis = await startRedis()
  const { KeyvFastmiss, createKeyv } = project.fastmiss
  const secondaries = [
    () => createKeyv(redis.url, { namespace: 'a', timeout: 2_000 }),
    () => new KeyvFastmiss(redis.url, { keyv: 5, timeout: 2_000 }),
  ]
  for (const secondary of secondaries) {
    const writer = new project.Cacheable({ secondary: secondary() })
    const reader = new project.Cacheable({ secondary: secondary() })
    await writer.set('k', { a: 1 }, 60_000)
    expect(await reader.get('k')).toEqual({ a: 1 })
    expect(await reader.getOrSet('other', async () => 'loaded')).toBe('loaded')
    await writer.delete('k')
    await reader.primary.clear()
    expect(await reader.get('k')).toBeUndefined()
    await Promise.all([writer.disconnect(), reader.disconnect()])
  }
})

test('a Keyv 6 inside cacheable 2 stores and finds, and keeps its namespace under the Keyv that cacheable puts around it', async () => {
  await using project = await loadKeyv5Project()
  await using redis = await startRedis()
  // In this repository createKeyv makes a Keyv 6.
  const secondary = () => createKeyv(redis.url, { namespace: 'mine', timeout: 2_000 })
  const [writer, reader] = [new project.Cacheable({ secondary: secondary() }), new project.Cacheable({ secondary: secondary() })]
  await writer.set('k', { a: 1 }, 60_000)
  expect(await reader.get('k')).toEqual({ a: 1 })
  const plain = await createClient({ url: redis.url }).connect()
  expect(await plain.keys('*')).toEqual(['mine::keyv:k'])
  expect(await plain.pTTL('mine::keyv:k')).toBeGreaterThan(50_000)
  plain.destroy()
  await Promise.all([writer.disconnect(), reader.disconnect()])
})
