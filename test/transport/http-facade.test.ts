import { createCache, type CacheEvent } from 'fastmiss'
import { type GatewayFault, type LocalRedis, type LocalUpstash, startRedis, startUpstash } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let redis: LocalRedis
let upstash: LocalUpstash

beforeAll(async () => {
  redis = await startRedis()
  upstash = await startUpstash({ redis: redis.url })
})
afterAll(async () => {
  await upstash.stop()
  await redis.stop()
})

test('64 gets in flight are one request, and so is a getMany', async () => {
  await using gateway = await startUpstash({ redis: redis.url })
  const cache = createCache({ url: gateway.url, token: gateway.token, timeout: 10_000 })
  await Promise.all(Array.from({ length: 64 }, (_, index) => cache.get(`key ${index}`)))
  expect(gateway.requests).toBe(1)
  await cache.getMany(['a', 'b', 'c'])
  expect(gateway.requests).toBe(2)
})

test.each<GatewayFault>(['noHeaders', 'bodyStops', 'reset', '500', '429', '401', 'html', 'badJson', 'wrongShape', 'redirectLoop'])(
  '%s degrades within the timeout, is then remembered without a request, and is over when the cooldown is',
  async (fault) => {
    await using gateway = await startUpstash({ redis: redis.url })
    const events: CacheEvent['type'][] = []
    const cache = createCache({ url: gateway.url, token: gateway.token, timeout: 200, cooldown: 300, onEvent: ({ type }) => events.push(type) })
    gateway.set(fault)
    const startedAt = performance.now()
    expect(await cache.lookup('key')).toMatchObject({ status: 'degraded' })
    // Of a timeout of 200; the rest is for a busy machine.
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(await cache.lookup('key')).toMatchObject({ status: 'degraded', reason: 'cooldown' })
    expect(await cache.set('key', 1)).toBe(false)
    expect(gateway.requests).toBe(1)
    expect(events).toContain('cooldown')

    gateway.set('healthy')
    await expect.poll(() => cache.set('key', 1), { timeout: 2_000 }).toBe(true)
    expect(gateway.requests).toBe(2)
  },
)

test('an answer too large degrades that operation and no other', async () => {
  await using gateway = await startUpstash({ redis: redis.url })
  const cache = createCache({ url: gateway.url, token: gateway.token, timeout: 2_000 })
  gateway.set('huge')
  expect(await cache.lookup('key')).toMatchObject({ status: 'degraded', reason: 'oversize' })
  gateway.set('healthy')
  expect(await cache.lookup('no such key')).toMatchObject({ status: 'miss' })
})

test('after a pause within an invocation an operation has all of its timeout', async () => {
  await using gateway = await startUpstash({ redis: redis.url })
  await using cache = createCache({ url: gateway.url, token: gateway.token, timeout: 800 }).invocation()
  expect(await cache.set('paused', 'value')).toBe(true)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  gateway.set('slow', { delay: 500 })
  expect(await cache.get('paused')).toBe('value')
})
