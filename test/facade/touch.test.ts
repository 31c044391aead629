import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { startWires, WIRES } from './support/every-wire.ts'

const open = startWires()

describe.each(WIRES)('touch over %s', (wire) => {
  test('gives an entry another time to live, and leaves its value and tags', async () => {
    const cache = open(wire, { compression: { threshold: 100 } })
    const long = 'long '.repeat(1_000)
    await cache.setMany([
      { key: 'short', value: 1, ttl: 1_000 },
      { key: 'endless', value: long },
      { key: 'tagged', value: 3, ttl: 1_000, tags: ['x'] },
    ])
    for (const key of ['short', 'endless', 'tagged']) expect(await cache.touch(key, 60_000)).toBe(true)
    expect(await cache.getMany(['short', 'endless', 'tagged'])).toEqual([1, long, 3])
    for (const key of ['short', 'endless', 'tagged']) {
      const found = await cache.lookup(key)
      expect(found).toMatchObject({ status: 'hit', ttl: expect.any(Number) as number })
      expect('ttl' in found ? found.ttl : 0).toBeGreaterThan(50_000)
      expect('ttl' in found ? found.ttl : 0).toBeLessThanOrEqual(60_000)
    }
    await cache.invalidateTags(['x'])
    expect(await cache.get('tagged')).toBeUndefined()
    expect(await cache.touch('tagged', 60_000)).toBe(false)
  })

  test('leaves the windows behind the time to live as wide as they were', async () => {
    const cache = open(wire)
    await cache.wrap('a', () => 1, { ttl: 60_000, swr: 60_000 })
    expect(await cache.touch('a', 1)).toBe(true)
    await expect.poll(async () => (await cache.lookup('a')).status).toBe('stale')
    // It is past its time to live: it does not come back.
    expect(await cache.touch('a', 60_000)).toBe(false)
  })

  test('is false where nothing is there, and 0 deletes', async () => {
    const cache = open(wire)
    expect(await cache.touch('none', 1_000)).toBe(false)
    await cache.wrap('nothing', () => undefined, { negativeTtl: 60_000 })
    expect(await cache.touch('nothing', 1_000)).toBe(false)
    await cache.set('a', 1)
    expect(await cache.touch('a', 0)).toBe(true)
    expect((await cache.lookup('a')).status).toBe('miss')
    await expect(cache.touch('a', Number.NaN)).rejects.toThrow('ttl')
  })
})

test('what is deleted between the reading and the writing stays deleted', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  const [cache, other] = [createCache({ url: redis.url }), createCache({ url: redis.url })]
  for (let round = 0; round < 30; round += 1) {
    await cache.set('a', 1)
    const touching = cache.touch('a', 60_000)
    for (let turn = 0; turn < round; turn += 1) await Promise.resolve()
    await other.delete('a')
    await touching
    expect(await cache.has('a')).toBe(false)
  }
})

test('a copy in this process goes with the old time to live', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  const cache = createCache({ url: redis.url, memory: true })
  await cache.set('a', 1, { ttl: 60_000 })
  expect(await cache.touch('a', 1)).toBe(true)
  await expect.poll(() => cache.get('a')).toBeUndefined()
  await redis.stop()
  await expect(cache.touch('a', 1)).resolves.toBe(false)
})
