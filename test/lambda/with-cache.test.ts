import { createCache } from 'fastmiss'
import { withCache } from 'fastmiss/lambda'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'

const withSeconds = (ms: number) => ({ getRemainingTimeInMillis: () => ms })

test('each invocation has one connection, which is gone before the answer goes out', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, timeout: 2_000 })
  const handler = withCache(cache, async (event: { value: number }, _context, own) => {
    void own.set('key', event.value)
    return own.lookup('key')
  })
  expect(await handler({ value: 1 }, withSeconds(3_000))).toMatchObject({ status: 'hit', value: 1 })
  expect(await handler({ value: 2 }, withSeconds(3_000))).toMatchObject({ status: 'hit', value: 2 })
  await proxy.until(({ open }) => open === 0)
  expect(proxy.counters.connections).toBe(2)
})

test('a handler that throws still closes', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, timeout: 2_000 })
  const handler = withCache(cache, async (_event: unknown, _context, own) => {
    await own.get('key')
    throw new Error('of the handler')
  })
  await expect(handler({}, withSeconds(3_000))).rejects.toThrow('of the handler')
  await proxy.until(({ open }) => open === 0)
})

test('a silent Redis is waited for until the reserve before the end, not for the whole timeout', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set('silent')
  const cache = createCache({ url: proxy.url, timeout: 10_000 })
  await cache.preload()
  const handler = withCache(cache, async (_event: unknown, _context, own) => own.lookup('key'), { reserve: 200 })
  const startedAt = performance.now()
  expect(await handler({}, withSeconds(400))).toMatchObject({ status: 'degraded', reason: 'deadline' })
  expect(performance.now() - startedAt).toBeLessThan(1_000)
  await proxy.until(({ open }) => open === 0)
  expect(proxy.counters.connections).toBe(1)
})

test('an invocation with less time than the reserve tries nothing', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url })
  const handler = withCache(cache, async (_event: unknown, _context, own) => own.lookup('key'))
  expect(await handler({}, withSeconds(50))).toMatchObject({ status: 'degraded', reason: 'deadline' })
  expect(proxy.counters.connections).toBe(0)
})

test('a reserve that is no duration is refused at once', () => {
  const cache = createCache({ url: 'memory:' })
  expect(() => withCache(cache, async () => 1, { reserve: -1 })).toThrow(/^reserve: /)
})
