import { EventEmitter } from 'node:events'
import { createCache } from 'fastmiss'
import { cacheContext, type CacheContextEnv, purge, responseCache } from 'fastmiss/hono'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { Hono } from 'hono'
import { expect, test, vi } from 'vitest'
import { givenApp, saying } from './support/given-app.ts'

const control = { 'cache-control': 'max-age=0, stale-while-revalidate=60' }

test('one of many requests that find a response stale refreshes it', async () => {
  const { ask, settled, calls } = givenApp(saying(control), { isBackground: true })
  await ask('/x')
  await settled()
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/x')))
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['call 1']))
  await settled()
  expect(calls).toHaveLength(2)
})
test('a response that went stale again is refreshed again', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const { ask, settled } = givenApp(saying({ 'cache-control': 'max-age=2, stale-while-revalidate=60' }), { isBackground: true })
    await ask('/x')
    await settled()
    for (const seen of ['call 1', 'call 2', 'call 3']) {
      vi.setSystemTime(Date.now() + 2_001)
      expect((await ask('/x')).text).toBe(seen)
      await settled()
    }
  } finally {
    vi.useRealTimers()
  }
})
test('each variant is refreshed by itself', async () => {
  const { ask, settled, calls } = givenApp(saying({ ...control, vary: 'x-a' }), { isBackground: true })
  for (const value of ['1', '2']) await ask('/x', { 'x-a': value })
  await settled()
  await Promise.all(['1', '2', '1', '2'].map((value) => ask('/x', { 'x-a': value })))
  await settled()
  expect(calls).toHaveLength(4)
  expect(new Set(calls.slice(2).map(({ headers }) => headers.get('x-a')))).toEqual(new Set(['1', '2']))
})
test('a refresh that fails is not repeated at once, and leaves what is stored', async () => {
  const { ask, settled, calls } = givenApp(
    (_, call) => {
      if (call === 2) throw new Error('down')
      return new Response(`call ${call}`, { headers: control })
    },
    { isBackground: true },
  )
  await ask('/x')
  await settled()
  for (const _ of [1, 2, 3]) {
    expect((await ask('/x')).text).toBe('call 1')
    await settled()
  }
  expect(calls).toHaveLength(2)
})
test('a request that wants nothing stored refreshes nothing, and ends nothing', async () => {
  const { ask, settled, calls } = givenApp(saying(control), { isBackground: true })
  await ask('/x')
  await settled()
  expect((await ask('/x', { 'cache-control': 'no-store' })).text).toBe('call 1')
  await settled()
  expect(calls).toHaveLength(1)
  expect((await ask('/x')).text).toBe('call 1')
})
test("what a sub-app's own error handler says is not stored by a refresh", async () => {
  const background: Promise<unknown>[] = []
  const app = new Hono()
  app.use(responseCache({ cache: createCache({ url: 'memory:' }), waitUntil: () => (promise) => void background.push(promise) }))
  const shop = new Hono()
  let calls = 0
  shop.onError((_, c) => c.text('sorry', 404, { 'cache-control': 'public, max-age=60' }))
  shop.get('/x', (c) => {
    if ((calls += 1) > 1) throw new Error('down')
    return c.text('well', 200, control)
  })
  app.route('/', shop)
  for (const _ of [1, 2, 3]) {
    expect(await (await app.request('/x')).text()).toBe('well')
    await Promise.all(background.splice(0))
  }
  expect(calls).toBe(2)
})
test('a cacheContext further in works in a refresh too, and leaves nothing open, whenever its adapter says that the response is over', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, timeout: 2_000 })
  const background: Promise<unknown>[] = []
  const outgoing = Object.assign(new EventEmitter(), { writableEnded: false })
  const seen: string[] = []
  let isLate = false
  const app = new Hono<CacheContextEnv>()
  app.use(responseCache({ cache, waitUntil: () => (promise) => void background.push(promise) }))
  app.use(async (_, next) => {
    if (isLate) outgoing.emit('close')
    await next()
  })
  app.use(cacheContext({ cache }))
  app.get('*', async (c) => {
    if (!isLate) outgoing.emit('close')
    seen.push((await c.var.cache.lookup('key')).status)
    return c.text('x', 200, control)
  })
  for (const [path, late] of [
    ['/late', true],
    ['/early', false],
  ] as const) {
    isLate = true
    const first = Object.assign(new EventEmitter(), { writableEnded: false })
    await (await app.request(path, {}, { outgoing: first })).text()
    first.emit('close')
    await Promise.all(background.splice(0))
    isLate = late
    await (await app.request(path, {}, { outgoing })).text()
    await Promise.all(background.splice(0))
    expect(seen.splice(0)).toEqual(['miss', 'miss'])
  }
  await proxy.until(({ open }) => open === 0)
})
test('tags are asked for after the handler in a refresh too, in the context that it had', async () => {
  for (const tag of ['product:7', 'from the response']) {
    const { ask, settled, cache } = givenApp(
      (c, call) => {
        c.set('product', '7')
        return saying({ ...control, 'x-tag': 'from the response' })(c, call)
      },
      { isBackground: true, tags: (c) => [`product:${String(c.get('product'))}`, c.res.headers.get('x-tag') ?? 'none'] },
    )
    for (const seen of ['call 1', 'call 1', 'call 2']) {
      expect((await ask('/x')).text).toBe(seen)
      await settled()
    }
    expect(await purge(cache, { tag })).toBe(true)
    expect(await ask('/x')).toMatchObject({ text: 'call 3', cacheStatus: expect.stringContaining('fwd=uri-miss') as string })
  }
})
test('of two middlewares over one cache the outer one refreshes with what the handler says, not with what the inner one has', async () => {
  const background: Promise<unknown>[] = []
  const options = { cache: createCache({ url: 'memory:' }), waitUntil: () => (promise: Promise<unknown>) => void background.push(promise) }
  const app = new Hono()
  let calls = 0
  app.use(responseCache(options))
  app.use('/x/*', responseCache(options))
  app.get('*', (c) => c.text(`call ${(calls += 1)}`, 200, control))
  for (const seen of ['call 1', 'call 1', 'call 2']) {
    expect(await (await app.request('/x/y')).text()).toBe(seen)
    while (background.length > 0) await Promise.all(background.splice(0))
  }
})
test('a refresh that may not be stored ends what is stored', async () => {
  const { ask, settled } = givenApp((_, call) => new Response(`call ${call}`, { headers: call === 1 ? control : { 'cache-control': 'no-store' } }), {
    isBackground: true,
  })
  await ask('/x')
  await settled()
  expect((await ask('/x')).text).toBe('call 1')
  await settled()
  expect((await ask('/x')).text).toBe('call 3')
})
test('a refresh asks what lies behind the cache only, with the variables of the request and without its signal', async () => {
  const background: Promise<unknown>[] = []
  const seen: unknown[] = []
  const app = new Hono<{ Variables: { user: string } }>()
  let outer = 0
  app.use(async (c, next) => {
    outer += 1
    c.set('user', 'ada')
    await next()
  })
  app.use(responseCache({ cache: createCache({ url: 'memory:' }), waitUntil: () => (promise) => void background.push(promise) }))
  app.get('/sub/:id', (c) => {
    seen.push([c.get('user'), c.req.param('id'), c.req.raw.signal.aborted])
    return c.text('x', 200, control)
  })
  const gone = new AbortController()
  await (await app.request('/sub/7')).text()
  await (await app.request('/sub/7', { signal: gone.signal })).text()
  gone.abort()
  while (background.length > 0) await Promise.all(background.splice(0))
  expect(seen).toEqual([
    ['ada', '7', false],
    ['ada', '7', false],
  ])
  expect(outer).toBe(2)
})
