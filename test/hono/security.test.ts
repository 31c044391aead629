import { createCache } from 'fastmiss'
import { responseCache } from 'fastmiss/hono'
import { memory } from '../../src/transport/memory/memory.ts'
import type { Command } from '../../src/transport/transport.ts'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { givenApp, saying } from './support/given-app.ts'

const fresh = { 'cache-control': 'max-age=60' }

describe('what must not be stored is not', () => {
  test.each([
    'private',
    'Private',
    'PRIVATE, max-age=60',
    'no-store',
    'No-Store, max-age=60',
    'max-age=60, private',
    'max-age=60,no-store',
    'private="x y", max-age=60',
    'no_store, max-age=60',
  ])('Cache-Control: %s (CVE-2026-24472)', async (control) => {
    const { ask } = givenApp(saying({ 'cache-control': control, etag: '"a"' }), { ttl: 60_000 })
    await ask('/x')
    expect((await ask('/x')).text).toBe('call 2')
  })
  test('Set-Cookie, and the cookie reaches its client', async () => {
    const { ask } = givenApp(saying({ ...fresh, 'set-cookie': 'id=1' }))
    for (const call of [1, 2]) {
      const answer = await ask('/x')
      expect(answer.text).toBe(`call ${call}`)
      expect(answer.headers.getSetCookie()).toEqual(['id=1'])
    }
  })
  test('Set-Cookie of a 304 goes to its client, not into the store', async () => {
    const { ask } = givenApp((c, call) => {
      const fields = { 'cache-control': 'max-age=0', etag: '"a"' }
      if (c.req.header('if-none-match') === undefined) return new Response('x', { headers: fields })
      return new Response(null, { status: 304, headers: { ...fields, 'cache-control': 'max-age=60', 'set-cookie': `id=${call}` } })
    })
    await ask('/x')
    expect((await ask('/x')).headers.getSetCookie()).toEqual(['id=2'])
    expect((await ask('/x')).headers.getSetCookie()).toEqual([])
  })
  test('what answers a request with credentials', async () => {
    for (const name of ['authorization', 'x-api-key']) {
      const { ask } = givenApp(saying(fresh))
      await ask('/x', { [name]: 'secret' })
      expect((await ask('/x')).text).toBe('call 2')
      expect((await ask('/x', { [name]: 'secret' })).text).toBe('call 3')
    }
    const shared = givenApp(saying({ 'cache-control': 'public, max-age=60' }))
    await shared.ask('/x', { authorization: 'secret' })
    expect((await shared.ask('/x')).text).toBe('call 1')
  })
  test('what varies by Authorization or Cookie, for anyone else (CVE-2026-44457)', async () => {
    const { ask } = givenApp(saying({ 'cache-control': 'public, max-age=60', vary: 'Authorization, Cookie' }))
    await ask('/x', { authorization: 'one' })
    expect((await ask('/x', { authorization: 'two' })).text).toBe('call 2')
    expect((await ask('/x')).text).toBe('call 3')
    expect((await ask('/x', { cookie: 'id=1' })).text).toBe('call 4')
    expect((await ask('/x', { cookie: 'id=1' })).text).toBe('call 5')
    expect((await ask('/x', { authorization: 'one' })).text).toBe('call 1')
  })
  test('Vary: *', async () => {
    const { ask } = givenApp(saying({ ...fresh, vary: '*' }))
    await ask('/x')
    expect((await ask('/x')).text).toBe('call 2')
  })
  test('a body that ends early, is longer or shorter than stated, or breaks off', async () => {
    const bodies: Record<string, () => Response> = {
      '/short': () => new Response('four', { headers: { ...fresh, 'content-length': '5' } }),
      '/long': () => new Response('four', { headers: { ...fresh, 'content-length': '3' } }),
      '/range': () => new Response('four', { headers: { ...fresh, 'content-range': 'bytes 0-3/9' } }),
      '/broken': () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              controller.enqueue(new TextEncoder().encode('fo'))
              controller.error(new Error('broken'))
            },
          }),
          { headers: fresh },
        ),
    }
    const { app, calls } = givenApp((c) => bodies[c.req.path]?.() ?? new Response())
    for (const path of Object.keys(bodies)) {
      const before = calls.length
      for (const _ of [1, 2]) {
        const response = await app.request(path)
        await response.text().catch(() => {})
      }
      expect(calls.length - before, path).toBe(2)
    }
  })
  test('a body that nobody reads to its end', async () => {
    const { app, calls } = givenApp(() => {
      let left = 3
      return new Response(
        new ReadableStream(
          {
            pull(controller) {
              left -= 1
              if (left < 0) controller.close()
              else controller.enqueue(new TextEncoder().encode('part'))
            },
          },
          { highWaterMark: 0 },
        ),
        { headers: fresh },
      )
    })
    const reader = (await app.request('/x')).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(await (await app.request('/x')).text()).toBe('partpartpart')
    expect(await (await app.request('/x')).text()).toBe('partpartpart')
    expect(calls).toHaveLength(2)
  })
  test('a body or a header section beyond the limit: it streams through', async () => {
    const { ask } = givenApp((_, call) => new Response(`${call}${'x'.repeat(2_000)}`, { headers: fresh }), { maxBodyBytes: 2_000 })
    await ask('/x')
    const second = await ask('/x')
    expect(second.text).toBe(`2${'x'.repeat(2_000)}`)
    const fields = givenApp(saying({ ...fresh, 'x-long': 'x'.repeat(2_000) }), { maxHeaderBytes: 1_000 })
    await fields.ask('/x')
    expect((await fields.ask('/x')).text).toBe('call 2')
  })
  test('nothing, where a handler returned nothing: that is an error as it is without a cache', async () => {
    for (const options of [{ ttl: 60_000 }, { skip: () => true }]) {
      const { app, ask } = givenApp((_, call) => (call === 1 ? (undefined as unknown as Response) : new Response('well')), options)
      app.onError((_, c) => c.text('no answer', 500))
      expect(await ask('/x')).toMatchObject({ status: 500, text: 'no answer' })
      expect((await ask('/x')).text).toBe('well')
    }
  })
  test('a response whose body was read before', async () => {
    const used = new Response('once', { headers: fresh })
    await used.text()
    const { ask } = givenApp((_, call) => (call === 1 ? used : new Response('well', { headers: fresh })))
    await expect(ask('/x')).rejects.toThrow('already been read')
    expect((await ask('/x')).text).toBe('well')
  })
  test('what an error handler says for one that threw, whatever it says', async () => {
    const { ask, app } = givenApp((_, call) => {
      if (call === 1) throw new Error('down')
      return new Response('well', { headers: fresh })
    })
    app.onError((_, c) => c.text('sorry', 404, { 'cache-control': 'public, max-age=60' }))
    expect((await ask('/x')).text).toBe('sorry')
    expect((await ask('/x')).text).toBe('well')
  })
  test('fields of the connection', async () => {
    const { ask } = givenApp(saying({ ...fresh, connection: 'x-hop', 'x-hop': '1', 'proxy-authenticate': 'Basic' }))
    await ask('/x')
    const { headers, text } = await ask('/x')
    expect(text).toBe('call 1')
    for (const name of ['connection', 'x-hop', 'proxy-authenticate']) expect(headers.get(name)).toBeNull()
  })
})

describe('a request goes past the cache in both directions', () => {
  test.each([
    [{ 'x-forwarded-host': 'evil.test' }, 'override'],
    [{ 'x-forwarded-proto': 'https' }, 'override'],
    [{ forwarded: 'host=evil.test' }, 'override'],
    [{ 'x-original-url': '/admin' }, 'override'],
    [{ 'x-http-method-override': 'DELETE' }, 'override'],
    [{ cookie: 'id=1' }, 'cookie'],
    [{ 'content-length': '2' }, 'body'],
    [{ range: 'lines=1-2' }, 'range-unit'],
    [{ 'if-match': '"a"' }, 'precondition'],
    [{ upgrade: 'websocket' }, 'upgrade'],
  ] as const)('with %j', async (fields, detail) => {
    const { ask } = givenApp(saying(fresh))
    const poisoned = await ask('/x', fields)
    expect(poisoned.cacheStatus).toBe(`fastmiss; fwd=bypass; fwd-status=200; detail=${detail}`)
    expect((await ask('/x')).text).toBe('call 2')
    expect((await ask('/x', fields)).text).toBe('call 3')
    expect((await ask('/x')).text).toBe('call 2')
  })
  test('with skip, and with a method that is not to be cached', async () => {
    const { ask } = givenApp(saying(fresh), { skip: (c) => c.req.path === '/skip', methods: ['GET'] })
    for (const _ of [1, 2]) expect((await ask('/skip')).cacheStatus).toContain('fwd=bypass; fwd-status=200; detail=skip')
    expect((await ask('/x', {}, 'HEAD')).cacheStatus).toContain('fwd=method')
    expect((await ask('/x', {}, 'OPTIONS')).cacheStatus).toContain('fwd=method')
    expect((await ask('/x', {}, 'QUERY')).cacheStatus).toContain('fwd=method')
  })
})

describe('what is stored for all does not end because one client', () => {
  test.each([
    ['has credentials that the handler refuses, before it is answered', { authorization: 'bad' }, 'GET', false],
    ['has credentials that the handler refuses, while it has the stale response', { authorization: 'bad' }, 'GET', true],
    ['wants nothing stored', { 'cache-control': 'no-store' }, 'HEAD', false],
  ] as const)('%s', async (_, fields, method, isBackground) => {
    const { ask, settled } = givenApp(
      (c, call) => {
        if (c.req.header('authorization') === 'bad') return new Response(null, { status: 401 })
        const control = `public, max-age=0, stale-if-error=60${isBackground ? ', stale-while-revalidate=60' : ''}`
        return new Response(call === 1 ? 'body' : null, { status: call === 3 ? 503 : 200, headers: { 'cache-control': control, etag: '"a"' } })
      },
      { isBackground },
    )
    await ask('/x')
    await settled()
    await ask('/x', fields, method)
    await settled()
    expect((await ask('/x')).text).toBe('body')
    await settled()
  })
})

describe('what comes back from Redis', () => {
  /** A cache whose stored texts can be looked at and changed. */
  function tampered(change: (text: string) => string, fields: Record<string, string> = fresh) {
    const inner = memory()
    const keys: string[] = []
    const transport = {
      ...inner,
      open: () => {
        const connection = inner.open()
        return {
          ...connection,
          isUsable: true,
          send: (commands: readonly Command[], deadlineAt: number) => {
            for (const [name = '', key = ''] of commands) if (name === 'SET') keys.push(key)
            return connection.send(
              commands.map(([name = '', key = '', text = '', ...rest]) =>
                name === 'SET' ? [name, key, change(text), ...rest] : [name, key, ...(text === '' ? [] : [text]), ...rest],
              ),
              deadlineAt,
            )
          },
        }
      },
    }
    const cache = createCache({ transport, namespace: 'app' })
    return { ...givenApp(saying(fields), { cache }), keys }
  }

  test.each([
    ['is no JSON', () => '{'],
    ['is no envelope', () => '"text"'],
    ['is of another version', (text: string) => text.replace('"v":1', '"v":2')],
    [
      'holds a header that would split the response',
      (text: string) => text.replace('"content-type","text/plain"', '"content-type","a\\r\\nset-cookie: b"'),
    ],
    ['has the same hash and another key', (text: string) => text.replace('/x', '/y')],
    ['has no status', (text: string) => text.replace('"status":200', '"status":"200"')],
  ])('is a miss where it %s', async (_, change) => {
    const { ask } = tampered(change)
    await ask('/x')
    expect((await ask('/x')).text).toBe('call 2')
  })
  test('is a miss where a variant was selected by other values than its key says', async () => {
    const { ask } = tampered((text) => text.replace('["x-a","1"]', '["x-a","2"]'), { ...fresh, vary: 'x-a' })
    await ask('/x', { 'x-a': '1' })
    expect((await ask('/x', { 'x-a': '1' })).text).toBe('call 2')
  })
  test('lies where no public key can reach', async () => {
    const { ask, keys, cache } = tampered((text) => text)
    await ask('/x')
    expect((await ask('/x')).text).toBe('call 1')
    expect(keys).toHaveLength(1)
    const [key = ''] = keys
    expect(key).toMatch(/^app:!fm:http:\{[0-9a-f]{64}\}$/)
    for (const reach of [key, key.slice('app:'.length), key.slice('app:!fm:'.length)]) {
      await cache.set(reach, 'planted').catch(() => {})
      expect((await ask('/x')).text).toBe('call 1')
    }
  })
})

test('every response carries Cache-Status behind what is there already', async () => {
  const app = new Hono()
  app.use(responseCache({ cache: createCache({ url: 'memory:' }), name: 'edge', showKey: true }))
  app.get('*', () => new Response('x', { headers: { ...fresh, 'cache-status': 'origin; hit' } }))
  const first = await app.request('/x')
  await first.text()
  expect(first.headers.get('cache-status')).toMatch(/^origin; hit, edge; fwd=uri-miss; fwd-status=200; ttl=\d+; stored; key="[0-9a-f]{64}"$/)
  expect((await app.request('/x')).headers.get('cache-status')).toMatch(/^edge; hit; ttl=\d+; key="[0-9a-f]{64}"$/)
})
test('without a cache the middleware says what it needs', async () => {
  const app = new Hono()
  app.use(responseCache())
  app.onError((error) => new Response(error.message, { status: 500 }))
  expect(await (await app.request('/x')).text()).toContain('needs the option cache')
})
