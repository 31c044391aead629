import { purge } from 'fastmiss/hono'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { givenApp } from './support/given-app.ts'

const control = { 'cache-control': 'max-age=60' }

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

/** What was invalidated within the same moment counts as invalidated while the handler was busy. */
function aMomentLater(): void {
  vi.setSystemTime(Date.now() + 50)
}

test('purging a tag makes every response with it invalid, whether the response or the options named it', async () => {
  const { ask, cache, calls } = givenApp(
    (c, call) => new Response(`call ${call}`, { headers: c.req.path === '/plain' ? control : { ...control, 'cache-tag': 'products, page' } }),
    {
      tags: (c) => (c.req.path === '/option' ? ['products'] : []),
    },
  )
  const paths = ['/field', '/option', '/plain']
  for (const _ of [1, 2]) for (const path of paths) await ask(path)
  expect(calls).toHaveLength(3)
  expect(await purge(cache, { tag: 'products' })).toBe(true)
  aMomentLater()
  for (const _ of [1, 2]) for (const path of paths) await ask(path)
  expect(calls).toHaveLength(5)
  expect(await purge(cache, { tag: 'page' })).toBe(true)
  await ask('/field')
  expect(calls).toHaveLength(6)
})
test('a reply to an unsafe method invalidates groups of its origin, a safe one does not', async () => {
  const { ask, cache, calls } = givenApp((c, call) => {
    const isRead = c.req.method === 'GET' && c.req.path !== '/get'
    return new Response(`call ${call}`, {
      headers: isRead ? { ...control, 'cache-groups': '"news", "Sport"' } : { 'cache-group-invalidation': '"news"' },
    })
  })
  const stored = ['/a', '/b', 'http://b.test/a']
  for (const url of stored) await ask(url)
  await ask('/get')
  for (const url of stored) expect((await ask(url)).cacheStatus).toContain('hit')
  await ask('/form', {}, 'POST')
  aMomentLater()
  for (const url of ['/a', '/b']) expect((await ask(url)).cacheStatus).toContain('fwd=uri-miss')
  expect((await ask('http://b.test/a')).cacheStatus).toContain('hit')
  aMomentLater()
  await purge(cache, { group: 'sport', origin: 'http://a.test' })
  expect((await ask('/a')).cacheStatus).toContain('hit')
  await purge(cache, { group: 'Sport', origin: 'http://a.test' })
  expect((await ask('/a')).cacheStatus).toContain('fwd=uri-miss')
  expect(calls).toHaveLength(8)
})
test.each(['in the foreground', 'behind waitUntil'])('what was purged while the handler was busy is not stored, %s', async (how) => {
  const { ask, cache, settled } = givenApp(
    async (_, call) => {
      vi.setSystemTime(Date.now() + 500)
      if (call === 1) await purge(cache, { tag: 'a' })
      vi.setSystemTime(Date.now() + 500)
      return new Response(`call ${call}`, { headers: { ...control, 'cache-tag': 'a' } })
    },
    { isBackground: how === 'behind waitUntil' },
  )
  for (const seen of ['call 1', 'call 2', 'call 2']) {
    expect((await ask('/x')).text).toBe(seen)
    await settled()
  }
})
test('a tagged response is stored behind waitUntil too', async () => {
  const { ask, settled } = givenApp((_, call) => new Response(`call ${call}`, { headers: { ...control, 'cache-tag': 'a' } }), { isBackground: true })
  await ask('/x')
  await settled()
  expect((await ask('/x')).text).toBe('call 1')
})
test('too many tags, or too long ones, are not stored', async () => {
  for (const tag of [Array.from({ length: 65 }, (_, index) => `t${index}`).join(','), 'x'.repeat(1_025)]) {
    const { ask } = givenApp((_, call) => new Response(`call ${call}`, { headers: { ...control, 'cache-tag': tag } }))
    await ask('/x')
    expect((await ask('/x')).text).toBe('call 2')
  }
})
