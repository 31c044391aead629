import { purge } from 'fastmiss/hono'
import { expect, test } from 'vitest'
import { givenApp } from './support/given-app.ts'

const control = { 'cache-control': 'max-age=60' }

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
  for (const url of ['/a', '/b']) expect((await ask(url)).cacheStatus).toContain('fwd=uri-miss')
  expect((await ask('http://b.test/a')).cacheStatus).toContain('hit')
  await purge(cache, { group: 'sport', origin: 'http://a.test' })
  expect((await ask('/a')).cacheStatus).toContain('hit')
  await purge(cache, { group: 'Sport', origin: 'http://a.test' })
  expect((await ask('/a')).cacheStatus).toContain('fwd=uri-miss')
  expect(calls).toHaveLength(8)
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
