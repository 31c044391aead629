import { createCache, type Cache } from 'fastmiss'
import { faultProxy, startUpstash, type LocalUpstash } from 'fastmiss/testing'
import { upstash } from 'fastmiss/upstash'
import { Redis } from '@upstash/redis'
import { Redis as RedisOfCloudflare } from '@upstash/redis/cloudflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ONE_TRY = { retry: { retries: 0 } } as const

let gateway: LocalUpstash
beforeAll(async () => {
  gateway = await startUpstash({ token: 'planted-token' })
})
afterAll(() => gateway.stop())

function cacheOver(redis: Parameters<typeof upstash>[0], timeout = 5_000): Cache {
  return createCache({ transport: upstash(redis), namespace: 'client', timeout })
}

describe.each([
  ['as it comes', (place: { url: string; token: string }) => new Redis(place)],
  ['without what it does by itself', (place) => new Redis({ ...place, ...ONE_TRY, automaticDeserialization: false, enableAutoPipelining: false })],
  ['without base64', (place) => new Redis({ ...place, responseEncoding: false })],
  ['of its entry for Cloudflare', (place) => new RedisOfCloudflare(place)],
] satisfies readonly (readonly [string, (place: { url: string; token: string }) => Redis])[])('a client of @upstash/redis, %s', (_name, make) => {
  test('carries a batch in one request, and every text as it is', async () => {
    const cache = cacheOver(make({ url: gateway.url, token: gateway.token }))
    const values = ['007', 'null', '{"value":1}', '😀\u0000', 1.5, { deep: [true] }, new Uint8Array([0, 200])]
    const before = gateway.requests
    await using invocation = cache.invocation()
    expect(await Promise.all(values.map((value, index) => invocation.set(`k${index}`, value)))).toEqual(values.map(() => true))
    expect(gateway.requests - before).toBe(1)
    expect(await invocation.getMany(values.map((_, index) => `k${index}`))).toEqual(values)
    expect(gateway.requests - before).toBe(2)
    // What the package's own wire wrote is read by it, and the other way round.
    const own = createCache({ url: gateway.url, token: gateway.token, namespace: 'client', timeout: 5_000 })
    expect(await own.get('k5')).toEqual({ deep: [true] })
    expect(await own.set('k5', 'own')).toBe(true)
    expect(await cache.get('k5')).toBe('own')
  })
})

test('the middleware of the client sees the requests of the cache', async () => {
  const redis = new Redis({ url: gateway.url, token: gateway.token })
  const seen: unknown[] = []
  redis.use((request, next) => {
    seen.push(request.path)
    return next(request)
  })
  await cacheOver(redis).get('k')
  expect(seen).toEqual([['pipeline']])
})

test('a silent server is a timeout within the bound, and then a cooldown, however often the client would retry', async () => {
  await using proxy = await faultProxy({ target: gateway.url })
  await proxy.set('silent')
  const cache = cacheOver(new Redis({ url: proxy.url, token: gateway.token }), 300)
  const startedAt = performance.now()
  expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'timeout', phase: 'command' })
  expect(performance.now() - startedAt).toBeLessThan(1_500)
  expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'cooldown' })
  // Their retries end with the signal, since the request itself was under way.
  expect(proxy.counters.connections).toBeLessThanOrEqual(2)
})

test('an abort is never taken for an answer: no false miss, no false hit', async () => {
  await using proxy = await faultProxy({ target: gateway.url })
  await proxy.set('silent')
  const cache = cacheOver(new Redis({ url: proxy.url, token: gateway.token, ...ONE_TRY }), 200)
  const found = await Promise.all([cache.lookup('a'), cache.lookup('b'), cache.set('c', 1)])
  expect(found).toMatchObject([{ status: 'degraded' }, { status: 'degraded' }, false])
})

test.each([
  ['500', 'reply'],
  ['429', 'reply'],
  ['badJson', 'protocol'],
  ['wrongShape', 'protocol'],
  ['html', 'protocol'],
] as const)('%s is told as %s, and nothing is quoted', async (fault, reason) => {
  await using sick = await startUpstash({ token: 'planted-token' })
  sick.set(fault)
  const cache = cacheOver(new Redis({ url: sick.url, token: sick.token, ...ONE_TRY }))
  const found = await cache.lookup('planted-key')
  expect(found).toMatchObject({ status: 'degraded', reason })
  if (found.status !== 'degraded') return
  expect(JSON.stringify([found.error.message, found.error.cause, found.error.stack])).not.toContain('planted')
})

test('a refused token is told as auth', async () => {
  const cache = cacheOver(new Redis({ url: gateway.url, token: 'planted-other', ...ONE_TRY }))
  const found = await cache.lookup('k')
  expect(found).toMatchObject({ status: 'degraded', reason: 'auth' })
  expect(JSON.stringify(found)).not.toContain('planted')
})

test('what is no client of @upstash/redis is refused at once', () => {
  for (const given of [undefined, null, {}, 'https://x.upstash.io', { client: {} }]) {
    expect(() => upstash(given as never)).toThrow(/^redis: expected a client of @upstash\/redis/)
  }
})
