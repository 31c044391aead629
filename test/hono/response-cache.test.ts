import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { describe, expect, test } from 'vitest'
import { createCache } from 'fastmiss'
import { purge, responseCache } from 'fastmiss/hono'
import { testCache } from 'fastmiss/testing'
import { givenApp, saying } from './support/given-app.ts'

const fresh = { 'cache-control': 'max-age=60' }

test('a response that allows it is stored and answers the next request, with its age and Cache-Status', async () => {
  const { ask, calls } = givenApp(saying({ ...fresh, 'x-a': 'b' }))
  const first = await ask('/x?b=1')
  expect(first).toMatchObject({ status: 200, text: 'call 1' })
  expect(first.cacheStatus).toMatch(/^fastmiss; fwd=uri-miss; fwd-status=200; ttl=(60|59); stored$/)
  const second = await ask('/x?b=1')
  expect(second).toMatchObject({ status: 200, text: 'call 1' })
  expect(second.cacheStatus).toMatch(/^fastmiss; hit; ttl=(60|59)$/)
  expect(second.headers.get('age')).toBe('0')
  expect(second.headers.get('x-a')).toBe('b')
  expect(second.headers.get('date')).not.toBeNull()
  expect(second.headers.get('content-type')).toBe('text/plain')
  expect(calls).toHaveLength(1)
})
test('what was old when it came is used no longer than its Age allows, and never where that is too old', async () => {
  const { ask, calls } = givenApp((c, call) => saying({ ...fresh, age: c.req.path === '/old' ? '61' : '30' })(c, call))
  await ask('/x')
  const hit = await ask('/x')
  expect(hit.cacheStatus).toMatch(/hit; ttl=(30|29)$/)
  expect(Number(hit.headers.get('age'))).toBeGreaterThanOrEqual(30)
  for (const _ of [1, 2]) expect((await ask('/old')).cacheStatus).not.toContain('hit')
  expect(calls).toHaveLength(3)
})
test("the cache's clock decides: a test that lets time pass makes responses stale, and tags that it invalidated are old", async () => {
  await using cache = testCache()
  const { ask } = givenApp(saying({ 'cache-control': 'max-age=60', etag: '"a"', 'cache-tag': 't' }), { cache })
  expect((await ask('/x')).cacheStatus).toBe('fastmiss; fwd=uri-miss; fwd-status=200; ttl=60; stored')
  cache.clock.advance(59_000)
  const hit = await ask('/x')
  expect(hit.cacheStatus).toBe('fastmiss; hit; ttl=1')
  expect(hit.headers.get('age')).toBe('59')
  cache.clock.advance(2_000)
  expect((await ask('/x')).cacheStatus).toContain('fwd=stale; fwd-status=200; ttl=60; stored')
  await cache.invalidateTags(['t'])
  cache.clock.advance(1_000)
  await ask('/x')
  expect((await ask('/x')).cacheStatus).toBe('fastmiss; hit; ttl=60')
})
test('Date and Expires stay what the handler said', async () => {
  const said = { date: new Date(Date.now() - 10_000).toUTCString(), expires: new Date(Date.now() + 60_000).toUTCString() }
  const { ask } = givenApp(saying(said))
  await ask('/x')
  const { headers, cacheStatus } = await ask('/x')
  expect(cacheStatus).toContain('hit')
  expect(Object.fromEntries(headers)).toMatchObject(said)
  expect(Number(headers.get('age'))).toBeGreaterThanOrEqual(10)
})
test('another path, query, host or scheme is another response', async () => {
  const { ask, calls } = givenApp(saying(fresh))
  for (const url of ['/x', '/x?', '/x/', '/%78', '/x?a', 'http://b.test/x', 'https://a.test/x']) await ask(url)
  expect(calls).toHaveLength(7)
})
test('HEAD is answered from a stored GET, and stores nothing', async () => {
  const { ask, calls } = givenApp(saying(fresh))
  await ask('/x', {}, 'HEAD')
  await ask('/x')
  expect(calls).toHaveLength(2)
  const head = await ask('/x', {}, 'HEAD')
  expect(head).toMatchObject({ status: 200, text: '' })
  expect(head.headers.get('content-length')).toBe('6')
  expect(calls).toHaveLength(2)
})
test('the answer to HEAD makes a stale response invalid where it is about another representation', async () => {
  const tags = ['"a"', '"a"', '"b"', '"b"']
  const { ask, calls } = givenApp(
    (c, call) =>
      new Response('x', { headers: { etag: tags[call - 1] ?? '', 'cache-control': 'max-age=0', 'x-if': c.req.header('if-none-match') ?? 'none' } }),
  )
  await ask('/x')
  await ask('/x', {}, 'HEAD')
  await ask('/x', {}, 'HEAD')
  expect((await ask('/x')).headers.get('x-if')).toBe('none')
  expect(calls).toHaveLength(4)
  await ask('/x')
  expect(calls[4]?.headers.get('if-none-match')).toBe('"b"')
})
test('a stale response is validated by HEAD too', async () => {
  const fields = { etag: '"a"', 'cache-control': 'max-age=0' }
  const { ask, calls } = givenApp((c, call) => {
    if (call === 1) return new Response('body', { headers: fields })
    const validated = { ...fields, 'cache-control': 'max-age=60', 'x-call': String(call) }
    return c.req.path === '/304' ? new Response(null, { status: 304, headers: validated }) : new Response(null, { headers: validated })
  })
  await ask('/304')
  const head = await ask('/304', {}, 'HEAD')
  expect(calls[1]?.headers.get('if-none-match')).toBe('"a"')
  expect(head).toMatchObject({ status: 200, text: '' })
  expect(head.headers.get('content-length')).toBe('4')
  const hit = await ask('/304')
  expect(hit).toMatchObject({ status: 200, text: 'body' })
  expect(hit.headers.get('x-call')).toBe('2')
  expect(calls).toHaveLength(2)
})
test('the answer to HEAD makes a stale response fresh where it has its validator', async () => {
  const { ask, calls } = givenApp(
    (_, call) =>
      new Response(call === 1 ? 'body' : null, {
        headers: { etag: '"a"', 'cache-control': `max-age=${call === 1 ? 0 : 60}`, 'x-call': String(call) },
      }),
  )
  await ask('/x')
  expect((await ask('/x', {}, 'HEAD')).headers.get('x-call')).toBe('2')
  const hit = await ask('/x')
  expect(hit.text).toBe('body')
  expect(hit.headers.get('x-call')).toBe('2')
  expect(calls).toHaveLength(2)
})
test('variants are told apart by the fields of Vary, and the oldest goes beyond the limit', async () => {
  const { ask, calls } = givenApp(saying({ ...fresh, vary: 'Accept-Language' }), { maxVariants: 2 })
  expect((await ask('/x', { 'accept-language': 'de' })).text).toBe('call 1')
  expect((await ask('/x', { 'accept-language': 'en' })).text).toBe('call 2')
  expect((await ask('/x', { 'accept-language': 'de' })).text).toBe('call 1')
  expect((await ask('/x', { 'accept-language': 'en' })).text).toBe('call 2')
  const third = await ask('/x')
  expect(third).toMatchObject({ text: 'call 3' })
  expect(third.cacheStatus).toContain('fwd=vary-miss')
  expect((await ask('/x', { 'accept-language': 'en' })).text).toBe('call 2')
  expect((await ask('/x', { 'accept-language': 'de' })).text).toBe('call 4')
  expect(calls).toHaveLength(4)
})
test('what is stored for one variant is never the condition under which another is asked for', async () => {
  const { ask, calls } = givenApp((_, call) => new Response('x', { headers: { 'cache-control': 'max-age=0', etag: `"${call}"`, vary: 'x-a' } }))
  await ask('/x', { 'x-a': '1' })
  await ask('/x', { 'x-a': '2' })
  expect(calls[1]?.headers.get('if-none-match')).toBeNull()
  await ask('/x', { 'x-a': '1' })
  expect([...(calls[2]?.headers ?? [])]).toEqual([
    ['if-none-match', '"1"'],
    ['x-a', '1'],
  ])
})
test('declared fields and cookies select without Vary', async () => {
  const { ask, calls } = givenApp(saying(fresh), { vary: ['X-Theme'], cookies: ['lang'], ignoreCookies: ['_ga'] })
  for (const _ of [1, 2]) {
    expect((await ask('/x', { 'x-theme': 'dark', cookie: 'lang=de; _ga=7' })).text).toBe('call 1')
    expect((await ask('/x', { 'x-theme': 'dark', cookie: '_ga=8; lang=de' })).text).toBe('call 1')
    expect((await ask('/x', { 'x-theme': 'dark', cookie: 'lang=en' })).text).toBe('call 2')
    expect((await ask('/x', { 'x-theme': 'light' })).text).toBe('call 3')
  }
  expect(calls).toHaveLength(3)
})
test('a stale response is validated with the handler, and a 304 makes it fresh again', async () => {
  const { ask, calls } = givenApp((c, call) => {
    const fields = { 'cache-control': call === 1 ? 'max-age=0' : 'max-age=60', etag: '"v1"', 'x-call': String(call) }
    return c.req.header('if-none-match') === '"v1"' ? new Response(null, { status: 304, headers: fields }) : new Response('body', { headers: fields })
  })
  expect((await ask('/x', { 'if-none-match': '"mine"' })).status).toBe(200)
  expect(calls[0]?.headers.get('if-none-match')).toBeNull()
  const validated = await ask('/x', { 'if-none-match': '"old"' })
  expect(validated).toMatchObject({ status: 200, text: 'body' })
  expect(validated.headers.get('x-call')).toBe('2')
  expect(validated.cacheStatus).toMatch(/^fastmiss; fwd=stale; fwd-status=304; ttl=\d+; stored$/)
  const hit = await ask('/x')
  expect(hit.cacheStatus).toContain('hit')
  expect(hit.headers.get('x-call')).toBe('2')
  expect((await ask('/x', { 'if-none-match': 'W/"v1"' })).status).toBe(304)
  expect(calls).toHaveLength(2)
})
test("the client's conditions are answered from a response that is stored just then, or not at all", async () => {
  for (const [control, status] of [
    ['max-age=60', 304],
    ['no-store', 304],
  ] as const) {
    const { ask } = givenApp(saying({ 'cache-control': control, etag: '"v1"', 'x-a': 'b' }))
    const answer = await ask('/x', { 'if-none-match': '"v1"' })
    expect(answer).toMatchObject({ status, text: '' })
    expect(answer.headers.get('x-a')).toBe('b')
    expect(answer.headers.get('content-type')).toBeNull()
  }
})
describe('what a response says is not for the store reaches the client whose request it answers', () => {
  const said = (cacheControl: string): Headers => {
    const headers = new Headers({ 'cache-control': cacheControl, etag: '"a"', location: '/y', 'cache-status': 'origin; fwd=miss' })
    headers.append('set-cookie', 'a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT')
    headers.append('set-cookie', 'b=2')
    return headers
  }
  test.each([
    ['a response without a body', 302, null, {}, 302],
    ['a response that the client has already', 200, 'text', { 'if-none-match': '"a"' }, 304],
    ['a part', 200, 'text', { range: 'bytes=0-1' }, 206],
  ] as const)('%s', async (_, status, body, asked, answered) => {
    const { app } = givenApp(() => new Response(body, { status, headers: said('max-age=60, private="set-cookie"') }), { preset: 'full' })
    const first = await app.request('/x', { headers: asked })
    expect(first.status).toBe(answered)
    expect(first.headers.getSetCookie()).toHaveLength(2)
    expect(first.headers.get('cache-status')).toMatch(/^origin; fwd=miss, fastmiss; fwd=uri-miss; .*stored$/)
    expect(first.headers.get('content-type')).toBe(answered === 206 ? 'text/plain;charset=UTF-8' : null)
    await first.text()
    const hit = await app.request('/x', { headers: asked })
    expect(hit.headers.get('cache-status')).toMatch(/^fastmiss; hit; ttl=\d+$/)
    expect(hit.headers.getSetCookie()).toEqual([])
  })
  test.each(['max-age=0, private="set-cookie"', 'max-age=0'])('a 304 with %s', async (cacheControl) => {
    const { app } = givenApp((_, call) =>
      call === 1
        ? new Response('text', { headers: { etag: '"a"', 'cache-control': 'max-age=0' } })
        : new Response(null, { status: 304, headers: said(cacheControl) }),
    )
    await (await app.request('/x')).text()
    const validated = await app.request('/x')
    expect(validated.status).toBe(200)
    expect(await validated.text()).toBe('text')
    expect(validated.headers.getSetCookie()).toEqual(said('').getSetCookie())
    expect(validated.headers.get('cache-status')).toMatch(/^origin; fwd=miss, fastmiss; fwd=stale; fwd-status=304/)
  })
})
test('a response that is not stored and does not say when it was modified is not answered by a date', async () => {
  const { ask } = givenApp(saying({ 'cache-control': 'no-store' }))
  expect(await ask('/x', { 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() })).toMatchObject({ status: 200, text: 'call 1' })
  expect((await ask('/x', { 'if-none-match': '*' })).status).toBe(304)
})
test('a 304 about another representation is not taken for an answer: the handler is asked without conditions', async () => {
  const { ask, calls } = givenApp((c, call) => {
    if (c.req.header('if-none-match') !== undefined) return new Response(null, { status: 304, headers: { etag: '"other"' } })
    return new Response(`body ${call}`, { headers: { etag: '"v1"', 'cache-control': 'max-age=0' } })
  })
  await ask('/x')
  expect(await ask('/x')).toMatchObject({ status: 200, text: 'body 3' })
  expect(calls).toHaveLength(3)
})
test('ranges are answered from what is stored', async () => {
  const { ask, calls } = givenApp(saying({ ...fresh, etag: '"v1"' }))
  await ask('/x')
  const part = await ask('/x', { range: 'bytes=0-3' })
  expect(part).toMatchObject({ status: 206, text: 'call' })
  expect(part.headers.get('content-range')).toBe('bytes 0-3/6')
  expect(part.headers.get('content-length')).toBe('4')
  expect(part.headers.get('etag')).toBe('"v1"')
  expect(part.headers.get('content-type')).toBe('text/plain')
  const none = await ask('/x', { range: 'bytes=6-' })
  expect(none.status).toBe(416)
  expect(none.headers.get('content-range')).toBe('bytes */6')
  expect(await ask('/x', { range: 'bytes=0-3', 'if-range': '"v2"' })).toMatchObject({ status: 200, text: 'call 1' })
  expect(calls).toHaveLength(1)
})
test('a range of what is not stored is left to the handler, and filled in the full preset', async () => {
  const part = givenApp((c) => {
    expect(c.req.header('range')).toBe('bytes=0-3')
    return new Response('call', { status: 206, headers: { ...fresh, 'content-range': 'bytes 0-3/6' } })
  })
  for (const _ of [1, 2]) expect(await part.ask('/x', { range: 'bytes=0-3' })).toMatchObject({ status: 206, text: 'call' })
  expect(part.calls).toHaveLength(2)
  const full = givenApp(saying(fresh), { preset: 'full' })
  expect(await full.ask('/x', { range: 'bytes=0-3' })).toMatchObject({ status: 206, text: 'call' })
  expect(full.calls[0]?.headers.get('range')).toBeNull()
  expect(await full.ask('/x')).toMatchObject({ status: 200, text: 'call 1' })
})
test('a reply to an unsafe or unknown method makes what is stored invalid, and what it names', async () => {
  const { ask, calls } = givenApp((c, call) =>
    c.req.method === 'GET'
      ? new Response(`call ${call}`, { headers: { ...fresh, vary: 'x-a' } })
      : new Response(null, { headers: { location: '/y' } }),
  )
  for (const method of ['POST', 'PUT', 'DELETE', 'M-FOO']) {
    await ask('/x', { 'x-a': '1' })
    await ask('/x', { 'x-a': '2' })
    await ask('/y')
    expect((await ask('/x', {}, method)).cacheStatus).toBe('fastmiss; fwd=method; fwd-status=200')
    const before = calls.length
    await ask('/x', { 'x-a': '1' })
    await ask('/x', { 'x-a': '2' })
    await ask('/y')
    expect(calls.length).toBe(before + 3)
  }
})
test('an error to an unsafe method leaves what is stored alone', async () => {
  const { ask, calls } = givenApp((c) => (c.req.method === 'GET' ? new Response('x', { headers: fresh }) : new Response(null, { status: 500 })))
  await ask('/x')
  await ask('/x', {}, 'POST')
  await ask('/x')
  expect(calls).toHaveLength(2)
})
test('only-if-cached is answered from the store or with 504', async () => {
  const { ask, calls } = givenApp(saying(fresh))
  const asked = { 'cache-control': 'only-if-cached' }
  expect(await ask('/x', asked)).toMatchObject({ status: 504, cacheStatus: 'fastmiss; detail=only-if-cached' })
  await ask('/x')
  expect((await ask('/x', asked)).status).toBe(200)
  expect(calls).toHaveLength(1)
})
test('a client forces a reload only where it may', async () => {
  const safe = givenApp(saying(fresh))
  await safe.ask('/x')
  expect((await safe.ask('/x', { 'cache-control': 'no-cache' })).text).toBe('call 1')
  const full = givenApp(saying(fresh), { preset: 'full' })
  await full.ask('/x')
  const reloaded = await full.ask('/x', { 'cache-control': 'no-cache' })
  expect(reloaded.text).toBe('call 2')
  expect(reloaded.cacheStatus).toContain('fwd=request')
  expect((await full.ask('/x')).text).toBe('call 2')
})
test('ttl speaks for responses that say nothing, and for no others', async () => {
  const silent = givenApp(saying({}), { ttl: 60_000 })
  await silent.ask('/x')
  expect((await silent.ask('/x')).text).toBe('call 1')
  for (const said of [{ 'cache-control': 'no-cache' }, { 'cache-control': 'private' }, { expires: '0' }, { 'set-cookie': 'a=1' }]) {
    const { ask } = givenApp(saying(said), { ttl: 60_000 })
    await ask('/x')
    expect((await ask('/x')).text).toBe('call 2')
  }
  const failing = givenApp(saying({}, 500), { ttl: 60_000 })
  await failing.ask('/x')
  expect((await failing.ask('/x')).text).toBe('call 2')
})
test('stale-while-revalidate answers at once and refreshes aside, where the platform can', async () => {
  const control = { 'cache-control': 'max-age=0, stale-while-revalidate=60' }
  const given = givenApp(saying(control), { isBackground: true })
  await given.ask('/x')
  await given.settled()
  const stale = await given.ask('/x')
  expect(stale.text).toBe('call 1')
  expect(stale.cacheStatus).toMatch(/^fastmiss; hit; ttl=(0|-1)$/)
  await given.settled()
  expect(given.calls).toHaveLength(2)
  expect((await given.ask('/x')).text).toBe('call 2')

  const foreground = givenApp(saying(control))
  await foreground.ask('/x')
  expect((await foreground.ask('/x')).text).toBe('call 2')
})
test('stale-if-error stands in for an error and for a handler that throws', async () => {
  const { ask } = givenApp((_, call) => {
    if (call === 3) throw new Error('down')
    return new Response(`call ${call}`, { status: call === 1 ? 200 : 503, headers: { 'cache-control': 'max-age=0, stale-if-error=60' } })
  })
  await ask('/x')
  for (const status of [503, 500]) {
    const instead = await ask('/x')
    expect(instead).toMatchObject({ status: 200, text: 'call 1' })
    expect(instead.cacheStatus).toContain(`fwd=stale; fwd-status=${status}; ttl=`)
  }
})
test('a response that must be validated is not used when the handler throws: 504', async () => {
  const { ask } = givenApp((_, call) => {
    if (call > 1) throw new Error('down')
    return new Response('x', { headers: { 'cache-control': 'max-age=0, must-revalidate, stale-if-error=60', etag: '"a"' } })
  })
  await ask('/x')
  expect(await ask('/x')).toMatchObject({ status: 504, text: '' })
})
test('bytes come back as they were: binary, empty, and text that begins with a colon', async () => {
  const bodies: Record<string, Uint8Array<ArrayBuffer>> = {
    '/binary': Uint8Array.from({ length: 256 }, (_, index) => index),
    '/empty': new Uint8Array(),
    '/colon': new TextEncoder().encode(':base64:x'),
    '/bom': new Uint8Array([0xef, 0xbb, 0xbf, 0x61]),
  }
  const { app, calls } = givenApp((c) => new Response(bodies[c.req.path], { headers: fresh }))
  for (const [path, bytes] of Object.entries(bodies)) {
    for (const _ of [1, 2]) {
      const response = await app.request(path)
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
      expect(response.headers.get('content-type')).toBeNull()
    }
  }
  expect(calls).toHaveLength(4)
})
test('204 is stored and answered without a body', async () => {
  const { ask, calls } = givenApp(() => new Response(null, { status: 204, headers: fresh }))
  for (const _ of [1, 2]) expect((await ask('/x')).status).toBe(204)
  expect(calls).toHaveLength(1)
})
test('headers that middleware further out has set go to the client and not into the store', async () => {
  const cache = createCache({ url: 'memory:' })
  const app = new Hono()
  app.use(async (c, next) => {
    c.header('x-request', c.req.header('x-id'))
    await next()
  })
  app.use(cors({ origin: (origin) => origin }))
  app.use(responseCache({ cache }))
  app.get('*', (c) => c.text('x', 200, { ...fresh, vary: 'accept' }))
  for (const id of ['1', '2']) {
    const { headers } = await app.request('/x', { headers: { origin: `http://${id}.test`, 'x-id': id } })
    expect(headers.get('x-request')).toBe(id)
    expect(headers.get('access-control-allow-origin')).toBe(`http://${id}.test`)
    expect(headers.get('vary')?.toLowerCase()).toBe('accept, origin')
    expect(headers.get('cache-status')).toContain(id === '1' ? 'fwd=uri-miss' : 'hit')
  }
  const { headers } = await app.request('/x')
  expect(headers.get('cache-status')).toContain('hit')
  expect(headers.get('x-request')).toBeNull()
  expect(headers.get('access-control-allow-origin')).toBeNull()
})
test('a type that middleware further out gives to bodies without one is theirs, from the handler and from the store', async () => {
  const app = new Hono()
  app.use(async (c, next) => {
    c.header('content-type', 'application/xml')
    await next()
  })
  app.use(responseCache({ cache: createCache({ url: 'memory:' }) }))
  app.get('/xml', (c) => c.body('<a/>', 200, fresh))
  app.get('/json', (c) => c.json({}, 200, fresh))
  for (const status of ['uri-miss', 'hit']) {
    for (const [path, type] of [
      ['/xml', 'application/xml'],
      ['/json', 'application/json'],
    ] as const) {
      const { headers } = await app.request(path)
      expect(headers.get('cache-status')).toContain(status)
      expect(headers.get('content-type')).toBe(type)
    }
  }
})
test('purge forgets one URL with its variants', async () => {
  const { ask, cache, calls } = givenApp(saying({ ...fresh, vary: 'x-a' }))
  await ask('/x', { 'x-a': '1' })
  await ask('/x', { 'x-a': '2' })
  expect(await purge(cache, { url: 'http://a.test/x' })).toBe(true)
  await ask('/x', { 'x-a': '1' })
  await ask('/x', { 'x-a': '2' })
  expect(calls).toHaveLength(4)
  await expect(purge(cache, { url: '/x' })).rejects.toThrow('url: expected')
})
test('purge forgets the root by an origin without a slash, too', async () => {
  const { ask, cache, calls } = givenApp(saying(fresh))
  await ask('/?a')
  await ask('/')
  for (const url of ['http://a.test', 'http://a.test?a']) expect(await purge(cache, { url })).toBe(true)
  await ask('/?a')
  await ask('/')
  expect(calls).toHaveLength(4)
})
test('bad options throw at construction and name the option', () => {
  expect(() => responseCache({ ttl: -1 })).toThrow('ttl:')
  expect(() => responseCache({ name: 'a b' })).toThrow('name:')
  for (const name of ['*', 'no name', 'x:']) {
    for (const option of ['vary', 'credentialHeaders', 'targets']) expect(() => responseCache({ [option]: [name] })).toThrow(`${option}:`)
  }
  expect(() => responseCache({ preset: 'fast' as 'full' })).toThrow('preset:')
  expect(() => responseCache({ tll: 1 } as object)).toThrow('tll:')
  for (const methods of [['POST'], ['GET', 'get'], [5]])
    expect(() => responseCache({ methods: methods as 'GET'[] })).toThrow('methods: expected GET or HEAD')
})
