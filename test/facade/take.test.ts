import { type CacheEvent, createCache } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { startWires, WIRES } from './support/every-wire.ts'

const open = startWires()

describe.each(WIRES)('take over %s', (wire) => {
  test('gives what is there, once, and takes it away', async () => {
    const cache = open(wire, { compression: { threshold: 100 } })
    const long = 'long '.repeat(1_000)
    await cache.setMany([
      { key: 'plain', value: { a: 1 } },
      { key: 'tagged', value: 2, tags: ['x'] },
      { key: 'long', value: long },
    ])
    expect([await cache.take('plain'), await cache.take('tagged'), await cache.take('long')]).toEqual([{ a: 1 }, 2, long])
    expect(await cache.hasMany(['plain', 'tagged', 'long'])).toEqual([false, false, false])
    expect([await cache.take('plain'), await cache.take('never')]).toEqual([undefined, undefined])
  })

  test('of twenty takers at once one is given the value', async () => {
    const cache = open(wire)
    await cache.set('nonce', 'n')
    const taken = await Promise.all(Array.from({ length: 20 }, () => cache.take('nonce')))
    expect(taken.filter((value) => value !== undefined)).toEqual(['n'])
  })

  test('what is invalidated or past its time to live is not there, and is gone', async () => {
    const cache = open(wire)
    await cache.set('tagged', 1, { tags: ['x'] })
    await cache.invalidateTags(['x'])
    await cache.wrap('stale', () => 2, { ttl: 1, swr: 60_000 })
    await expect.poll(async () => (await cache.lookup('stale')).status).toBe('stale')
    expect([await cache.take('tagged'), await cache.take('stale')]).toEqual([undefined, undefined])
    expect((await cache.lookup('stale')).status).toBe('miss')
  })
})

test('no copy in this process is left of what was taken, or stands in for it', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  const cache = createCache({ url: redis.url, memory: true, cooldown: 0, maxCooldown: 0 })
  await cache.set('a', 1)
  expect(await cache.lookup('a')).toMatchObject({ from: 'memory' })
  expect(await cache.take('a')).toBe(1)
  expect(await cache.lookup('a')).toEqual({ status: 'miss' })
  await cache.set('b', 2)
  await redis.stop()
  expect(await cache.take('b')).toBeUndefined()
  expect((await cache.lookup('b')).status).toBe('degraded')
})

test('a Redis that does not know GETDEL gives each value to one taker, within one timeout', async () => {
  await using redis = await startRedis({ binary: 'redis-server', args: ['--rename-command', 'GETDEL', ''] })
  const caches = Array.from({ length: 10 }, () => createCache({ url: redis.url, timeout: 5_000 }))
  const [cache] = caches
  if (cache === undefined) throw new Error('none')
  for (let round = 0; round < 10; round += 1) {
    await cache.set('nonce', round)
    const taken = await Promise.all(caches.map((one) => one.take('nonce')))
    expect(taken.filter((value) => value !== undefined)).toEqual([round])
  }
  expect(await cache.take('nonce')).toBeUndefined()

  // Silent from the second round trip on.
  await using proxy = await faultProxy({ target: redis.url })
  const events: CacheEvent[] = []
  const slow = createCache({ url: proxy.url, timeout: 300, onEvent: (event) => void events.push(event) })
  await slow.preload()
  await cache.set('kept', 1)
  await proxy.set('silent')
  const startedAt = performance.now()
  expect(await slow.take('kept')).toBeUndefined()
  expect(performance.now() - startedAt).toBeLessThan(500)
  expect(events).toContainEqual(expect.objectContaining({ type: 'degraded', operation: 'take', reason: 'timeout' }))
})
