import { createCache } from 'fastmiss'
import { cacheContext, type CacheContextEnv, responseCache } from 'fastmiss/hono'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { requestId } from 'hono/request-id'
import { stream, streamText } from 'hono/streaming'
import { timing } from 'hono/timing'
import { expect, test } from 'vitest'

const LONG = 'compress me '.repeat(500)
const fresh = { 'cache-control': 'max-age=60' }

function started() {
  const app = new Hono<CacheContextEnv>()
  app.use(cacheContext({ cache: createCache({ url: 'memory:' }) }))
  return app
}

test('etag further in gives the store a validator, and its 304 renews what is stored', async () => {
  const app = started()
  app.use(responseCache())
  app.use(etag())
  let calls = 0
  app.get('*', (c) => {
    calls += 1
    return c.text('same', 200, { 'cache-control': 'max-age=0' })
  })
  const first = await app.request('/x')
  const tag = first.headers.get('etag') ?? ''
  expect(tag).not.toBe('')
  await first.text()
  const second = await app.request('/x')
  expect(second.headers.get('cache-status')).toContain('fwd=stale; fwd-status=304')
  expect(await second.text()).toBe('same')
  const known = await app.request('/x', { headers: { 'if-none-match': tag } })
  expect(known.status).toBe(304)
  expect(calls).toBe(3)
})
test('etag further out answers conditions for hits', async () => {
  const app = started()
  app.use(etag({ retainedHeaders: ['cache-status', 'age'] }))
  app.use(responseCache())
  app.get('*', (c) => c.text('same', 200, fresh))
  const first = await app.request('/x')
  await first.text()
  const second = await app.request('/x', { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })
  expect(second.status).toBe(304)
  expect(second.headers.get('cache-status')).toContain('hit')
})
test.each(['in', 'out'] as const)('etag further %s: the tag on a part of a hit', async (side) => {
  const app = started()
  if (side === 'out') app.use(etag())
  app.use(responseCache())
  if (side === 'in') app.use(etag())
  app.get('*', (c) => c.text('0123456789', 200, fresh))
  const ask = async (fields: Record<string, string> = {}) => {
    const response = await app.request('/x', { headers: fields })
    return { response, text: await response.text(), tag: response.headers.get('etag') ?? '' }
  }
  const { tag } = await ask()
  const { response, text, tag: tagOfPart } = await ask({ range: 'bytes=2-4' })
  expect([response.status, text]).toEqual([206, '234'])
  // Further out it is a hash of the three bytes: the docs say so.
  expect(tagOfPart === tag).toBe(side === 'in')
  // Whoever goes on by that tag is sent the whole, never a part of something else.
  const rest = await ask({ range: 'bytes=5-', 'if-range': tagOfPart })
  expect([rest.response.status, rest.text]).toEqual(side === 'in' ? [206, '56789'] : [200, '0123456789'])
  expect((await ask({ 'if-none-match': tagOfPart })).response.status).toBe(side === 'in' ? 304 : 200)
})
test.each(['in', 'out'] as const)('requestId further %s: whose name is on a hit', async (side) => {
  const app = started()
  if (side === 'out') app.use(requestId())
  app.use(responseCache())
  if (side === 'in') app.use(requestId())
  app.get('*', (c) => c.text('x', 200, fresh))
  const ask = async (id: string) => {
    const response = await app.request('/x', { headers: { 'x-request-id': id } })
    await response.text()
    return response
  }
  expect((await ask('first')).headers.get('x-request-id')).toBe('first')
  const hit = await ask('second')
  expect(hit.headers.get('cache-status')).toContain('hit')
  expect(hit.headers.get('x-request-id')).toBe(side === 'in' ? 'first' : 'second')
})
test.each(['in', 'out'] as const)('compress further %s: each client gets what it can read', async (side) => {
  const app = started()
  if (side === 'out') app.use(compress())
  app.use(responseCache())
  if (side === 'in') app.use(compress())
  let calls = 0
  app.get('*', (c) => {
    calls += 1
    return c.text(LONG, 200, fresh)
  })
  for (const _ of [1, 2]) {
    const zipped = await app.request('/x', { headers: { 'accept-encoding': 'gzip' } })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    expect(await new Response(zipped.body?.pipeThrough(new DecompressionStream('gzip'))).text()).toBe(LONG)
    const plain = await app.request('/x')
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(await plain.text()).toBe(LONG)
  }
  expect(calls).toBe(side === 'in' ? 2 : 1)
})
test.each(['in', 'out'] as const)('timing further %s: whose time is on a hit', async (side) => {
  const app = started()
  if (side === 'out') app.use(timing({ total: true }))
  app.use(responseCache())
  if (side === 'in') app.use(timing({ total: true }))
  app.get('*', async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return c.text('x', 200, fresh)
  })
  const ask = async () => {
    const response = await app.request('/x')
    await response.text()
    return response
  }
  const said = (response: Response): string => response.headers.get('server-timing') ?? ''
  const first = await ask()
  expect(said(first)).toContain('total')
  const second = await ask()
  expect(second.headers.get('cache-status')).toContain('hit')
  expect(said(second)).toContain('total')
  // Further in it is the time of the first call, once more.
  expect(said(second) === said(first)).toBe(side === 'in')
})
test('a streamed body reaches the client as it comes, and is stored when it is complete', async () => {
  const app = started()
  app.use(responseCache())
  const { promise: released, release } = gate()
  let calls = 0
  app.get('/text', (c) => {
    calls += 1
    for (const [name, value] of Object.entries(fresh)) c.header(name, value)
    return streamText(c, async (out) => {
      await out.write('first ')
      await released
      await out.write('second')
    })
  })
  const reader = (await app.request('/text')).body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toBe('first ')
  expect((await app.request('/text', { headers: { 'cache-control': 'only-if-cached' } })).status).toBe(504)
  release()
  expect((await reader?.read())?.value).toBe('second')
  expect((await reader?.read())?.done).toBe(true)
  expect(await (await app.request('/text')).text()).toBe('first second')
  expect(calls).toBe(1)
})
test('a stream that its client leaves is not stored', async () => {
  const app = started()
  app.use(responseCache())
  let calls = 0
  app.get('*', (c) => {
    calls += 1
    c.header('cache-control', 'max-age=60')
    return stream(c, async (out) => {
      for (let part = 0; part < 3 && !out.aborted; part += 1) await out.write(new Uint8Array(1_000))
    })
  })
  const reader = (await app.request('/x')).body?.getReader()
  await reader?.read()
  await reader?.cancel()
  await (await app.request('/x')).arrayBuffer()
  expect(calls).toBe(2)
})
test('a refresh aside finds the handlers of a sub-app, with parameters, variables, environment and a cache of its own', async () => {
  const app = new Hono<{ Variables: CacheContextEnv['Variables'] & { user: string }; Bindings: { region: string } }>()
  const background: Promise<unknown>[] = []
  const executionCtx = { waitUntil: (promise: Promise<unknown>) => void background.push(promise), passThroughOnException: () => {}, props: {} }
  app.use(cacheContext({ cache: createCache({ url: 'memory:' }) }))
  app.use(async (c, next) => {
    c.set('user', 'ann')
    await next()
  })
  const shop = new Hono<{ Variables: CacheContextEnv['Variables'] & { user: string }; Bindings: { region: string } }>()
  let calls = 0
  shop.use('/items/*', responseCache())
  shop.get('/items/:id', async (c) => {
    calls += 1
    const isStored = await c.var.cache.set('seen', calls)
    return c.text([c.req.param('id'), c.req.query('q'), c.var.user, c.env.region, isStored, calls].join(' '), 200, {
      'cache-control': 'max-age=0, stale-while-revalidate=60',
    })
  })
  app.route('/shop', shop)
  const ask = async () => {
    const response = await app.fetch(new Request('http://a.test/shop/items/7?q=8'), { region: 'eu' }, executionCtx)
    const text = await response.text()
    await Promise.all(background.splice(0))
    return text
  }
  expect(await ask()).toBe('7 8 ann eu true 1')
  expect(await ask()).toBe('7 8 ann eu true 1')
  expect(await ask()).toBe('7 8 ann eu true 2')
})
test('a refresh aside that fails leaves the stale response, and one at a time is enough', async () => {
  const app = started()
  const background: Promise<unknown>[] = []
  const executionCtx = { waitUntil: (promise: Promise<unknown>) => void background.push(promise), passThroughOnException: () => {}, props: {} }
  app.use(responseCache())
  let calls = 0
  app.get('*', (c) => {
    calls += 1
    if (calls > 1) throw new Error('down')
    return c.text('first', 200, { 'cache-control': 'max-age=0, stale-while-revalidate=60' })
  })
  const ask = async () => (await app.fetch(new Request('http://a.test/x'), {}, executionCtx)).text()
  await ask()
  await Promise.all(background.splice(0))
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['first', 'first', 'first'])
  await Promise.all(background.splice(0))
  expect(calls).toBe(2)
  expect(await ask()).toBe('first')
})

test('an upgrade passes untouched, and a response that cannot be changed is copied', async () => {
  const app = started()
  app.use(responseCache())
  const upgraded = Object.defineProperty(new Response(null), 'status', { value: 101 })
  app.get('/socket', () => upgraded)
  app.get('/elsewhere', () => Response.redirect('http://b.test/'))
  const socket = await app.request('/socket', { headers: { upgrade: 'websocket' } })
  expect(socket).toBe(upgraded)
  expect(socket.headers.get('cache-status')).toBeNull()
  const elsewhere = await app.request('/elsewhere')
  expect(elsewhere.status).toBe(302)
  expect(elsewhere.headers.get('location')).toBe('http://b.test/')
  expect(elsewhere.headers.get('cache-status')).toBe('fastmiss; fwd=uri-miss; fwd-status=302')
})

function gate(): { promise: Promise<void>; release: () => void } {
  let release: () => void = () => {}
  const promise = new Promise<void>((resolve) => (release = resolve))
  return { promise, release }
}
