import { createCache } from 'fastmiss'
import { cacheContext, type CacheContextEnv, purge, responseCache } from 'fastmiss/hono'
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

test('the worked example of docs/response-cache.md answers as its table says', async () => {
  const cache = createCache({ url: 'memory:' })
  const app = new Hono<CacheContextEnv>()
  const background: Promise<unknown>[] = []
  const versions: Record<string, number> = { a: 1 }
  app.use(cacheContext({ cache }))
  app.use('/articles/*', responseCache({ staleIfError: 86_400_000, cookies: ['theme'], ignoreCookies: ['_ga'] }))
  app.use('/articles/*', etag())
  app.get('/articles/:slug', (c) => {
    const version = versions[c.req.param('slug')]
    if (version === undefined) return c.text('not found', 404, { 'Cache-Control': 'max-age=10' })
    c.header('Cache-Control', 'max-age=60, stale-while-revalidate=600, stale-if-error=86400')
    c.header('Cache-Tag', 'article:a')
    c.header('Vary', 'Accept-Language')
    c.header('ETag', `"${version}"`)
    return c.html(`<p lang=${c.req.header('Accept-Language')}>${version}`)
  })
  app.post('/articles/:slug', async (c) => {
    versions['a'] = (versions['a'] ?? 0) + 1
    await purge(cache, { tag: 'article:a' })
    return c.body(null, 204)
  })
  const executionCtx = { waitUntil: (promise: Promise<unknown>) => void background.push(promise), passThroughOnException: () => {}, props: {} }
  const ask = async (headers: Record<string, string>, method = 'GET', path = '/articles/a') => {
    const response = await app.fetch(new Request(`http://a.test${path}`, { method, headers }), {}, executionCtx)
    const text = await response.text()
    while (background.length > 0) await Promise.all(background.splice(0))
    return [response.status, text, response.headers.get('cache-status'), response.headers.get('age')]
  }
  const german = { 'accept-language': 'de', cookie: 'theme=dark; _ga=1' }

  expect(await ask(german)).toEqual([200, '<p lang=de>1', 'fastmiss; fwd=uri-miss; fwd-status=200; ttl=60; stored', null])
  vi.setSystemTime(Date.now() + 12_000)
  expect(await ask(german)).toEqual([200, '<p lang=de>1', 'fastmiss; hit; ttl=48', '12'])
  expect(await ask({ ...german, 'accept-language': 'en' })).toEqual([
    200,
    '<p lang=en>1',
    'fastmiss; fwd=vary-miss; fwd-status=200; ttl=60; stored',
    null,
  ])
  vi.setSystemTime(Date.now() + 108_000)
  expect(await ask(german)).toEqual([200, '<p lang=de>1', 'fastmiss; hit; ttl=-60', '120'])
  vi.setSystemTime(Date.now() + 5_000)
  expect(await ask({ ...german, 'if-none-match': '"1"' })).toEqual([304, '', 'fastmiss; hit; ttl=55', '5'])
  expect(await ask({ ...german, cookie: 'session=1' })).toEqual([200, '<p lang=de>1', 'fastmiss; fwd=bypass; fwd-status=200; detail=cookie', null])
  expect(await ask({}, 'POST')).toEqual([204, '', 'fastmiss; fwd=method; fwd-status=204', null])
  expect((await ask(german))[1]).toBe('<p lang=de>2')
  for (const status of ['fwd=uri-miss; fwd-status=404; ttl=10; stored', 'hit; ttl=10'])
    expect((await ask({}, 'GET', '/articles/b')).slice(0, 3)).toEqual([404, 'not found', `fastmiss; ${status}`])
})
