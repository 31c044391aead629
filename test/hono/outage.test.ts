import { createCache } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { givenApp, saying } from './support/given-app.ts'

const TIMEOUT = 250

async function behindProxy(options: { cooldown?: number; maxCooldown?: number } = {}) {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, timeout: TIMEOUT, ...options })
  await cache.preload()
  return {
    proxy,
    cache,
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await redis.stop()
    },
  }
}

test('a hit over Redis costs one command, and a miss one read and one write over one connection', async () => {
  await using given = await behindProxy()
  const { ask, calls } = givenApp(saying({ 'cache-control': 'max-age=60' }), { cache: given.cache })
  await ask('/x')
  expect(given.proxy.counters.connections).toBe(1)
  expect((await ask('/x')).cacheStatus).toContain('hit')
  expect(given.proxy.counters.connections).toBe(2)
  expect(calls).toHaveLength(1)
  await given.proxy.until(({ open }) => open === 0)
})

test.each(['refuse', 'silent', 'reset', 'garbage', 'blackhole'] as const)(
  'with a Redis that is %s the handler answers within the timeout, and Cache-Status says why',
  async (fault) => {
    await using given = await behindProxy()
    const { ask, calls } = givenApp(saying({ 'cache-control': 'max-age=60' }), { cache: given.cache })
    await given.proxy.set(fault)
    const startedAt = performance.now()
    const first = await ask('/x')
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT * 3)
    expect(first).toMatchObject({ status: 200, text: 'call 1' })
    expect(first.cacheStatus).toMatch(/^fastmiss; fwd=miss; fwd-status=200; detail=(timeout|unreachable|protocol)$/)
    expect(given.proxy.counters.connections).toBeLessThanOrEqual(1)

    const again = performance.now()
    expect((await ask('/x')).cacheStatus).toContain('detail=cooldown')
    expect(performance.now() - again).toBeLessThan(TIMEOUT / 2)
    expect((await ask('/x', { 'cache-control': 'only-if-cached' })).status).toBe(504)
    expect(calls).toHaveLength(2)
  },
)

test.each([
  ['nobody', 0],
  ['a listener, who is told of each', 2],
])('in a known outage %s has the requests looked at', async (_name, looks) => {
  await using given = await behindProxy()
  const events: string[] = []
  const cache = createCache({ url: given.proxy.url, timeout: TIMEOUT, ...(looks === 0 ? {} : { onEvent: ({ type }) => events.push(type) }) })
  let asked = 0
  const { ask } = givenApp(saying({ 'cache-control': 'max-age=60' }), { cache, skip: () => (asked++, false) })
  await given.proxy.set('reset')
  await ask('/x')
  expect(asked).toBe(1)
  for (let request = 0; request < 2; request++) expect((await ask('/x')).cacheStatus).toContain('fwd=miss; fwd-status=200; detail=cooldown')
  expect(asked).toBe(1 + looks)
  expect(events.filter((type) => type === 'degraded')).toHaveLength(looks === 0 ? 0 : 3)
  expect(given.proxy.counters.connections).toBe(1)
})

test('a Redis that dies between read and write costs the client nothing, and leaves nothing half stored', async () => {
  await using given = await behindProxy({ cooldown: 0, maxCooldown: 0 })
  const { ask } = givenApp(
    async (_, call) => {
      if (call === 1) await given.proxy.set('reset')
      return new Response(`call ${call}`, { headers: { 'cache-control': 'max-age=60', vary: 'accept' } })
    },
    { cache: given.cache },
  )
  expect(await ask('/x')).toMatchObject({ status: 200, text: 'call 1' })
  await given.proxy.set('healthy')
  expect((await ask('/x')).cacheStatus).toContain('fwd=uri-miss')
  expect((await ask('/x')).text).toBe('call 2')
})

test('the client has its response before the store has answered, where the platform has waitUntil', async () => {
  await using given = await behindProxy()
  const { ask, settled } = givenApp(
    async (_, call) => {
      await given.proxy.set('silent')
      return new Response(`call ${call}`, { headers: { 'cache-control': 'max-age=60' } })
    },
    { cache: given.cache, isBackground: true },
  )
  const startedAt = performance.now()
  await ask('/x')
  const answeredAt = performance.now()
  await settled()
  expect(answeredAt - startedAt).toBeLessThan(TIMEOUT)
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TIMEOUT - 20)
})
