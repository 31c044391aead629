import { createCache } from 'fastmiss'
import { responseCache } from 'fastmiss/hono'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { givenApp, saying } from './support/given-app.ts'

const fresh = { 'cache-control': 'max-age=60' }

describe('Vary as a way to fill the store', () => {
  test('a response that varies by very many fields is not stored', async () => {
    const names = (count: number): string => Array.from({ length: count }, (_, index) => `x-${index}`).join(', ')
    for (const [count, text] of [
      [32, 'call 1'],
      [33, 'call 2'],
      [1_000, 'call 2'],
    ] as const) {
      const { ask } = givenApp(saying({ ...fresh, vary: names(count) }))
      await ask('/x')
      expect((await ask('/x')).text, `${count} names`).toBe(text)
    }
  })
  test('nor one whose fields add up over time', async () => {
    let call = 0
    const { ask } = givenApp(() => new Response(`call ${(call += 1)}`, { headers: { ...fresh, vary: `x-a, x-${call}` } }))
    for (let visit = 1; visit <= 40; visit++) await ask('/x', { 'x-a': String(visit) })
    const last = (await ask('/x', { 'x-a': '41' })).text
    expect((await ask('/x', { 'x-a': '41' })).text).not.toBe(last)
  })
  test('nor one that was selected by values longer than a header section may be', async () => {
    const { ask } = givenApp(saying({ ...fresh, vary: 'x-a' }), { maxHeaderBytes: 1_000 })
    const headers = { 'x-a': 'x'.repeat(1_000) }
    await ask('/x', headers)
    expect((await ask('/x', headers)).text).toBe('call 2')
    await ask('/y', { 'x-a': 'x' })
    expect((await ask('/y', { 'x-a': 'x' })).text).toBe('call 3')
  })
  test('a thousand values of a varied field leave no more variants than are allowed', async () => {
    const cache = createCache({ url: 'memory:' })
    const { ask } = givenApp(saying({ ...fresh, vary: 'x-a' }), { cache, maxVariants: 4 })
    for (let value = 0; value < 100; value++) await ask('/x', { 'x-a': String(value) })
    const hits: number[] = []
    for (let value = 0; value < 100; value++) {
      const { status } = await ask('/x', { 'x-a': String(value), 'cache-control': 'only-if-cached' })
      if (status === 200) hits.push(value)
    }
    expect(hits).toEqual([96, 97, 98, 99])
  })
})

describe('fields that some handlers believe instead of the URL', () => {
  const harmless: Record<string, string> = {
    host: 'a.test',
    'x-forwarded-host': 'a.test',
    'x-host': 'a.test',
    'x-original-host': 'a.test',
    'x-forwarded-proto': 'http',
    'x-forwarded-scheme': 'http',
    'x-forwarded-port': '80',
    'x-forwarded-prefix': '',
    'x-original-url': '/x?q=1',
    'x-rewrite-url': '/x?q=1',
    'x-http-method-override': 'GET',
    'x-http-method': 'GET',
    'x-method-override': 'GET',
    forwarded: 'for=192.0.2.1;host="a.test";proto=http',
  }
  test.each(Object.entries(harmless))(
    '%s that says what the runtime says changes nothing; anything else goes past the cache',
    async (name, value) => {
      const { ask } = givenApp(saying(fresh))
      await ask('/x?q=1')
      expect((await ask('/x?q=1', { [name]: value })).text).toBe('call 1')
      for (const other of [`${value}x`, `evil.test, ${value}`, name === 'forwarded' ? 'proto=https' : 'evil']) {
        const poisoned = await ask('/x?q=1', { [name]: other })
        expect(poisoned.cacheStatus, other).toContain(name === 'host' ? 'detail=host' : 'detail=override')
        expect((await ask('/x?q=1')).text).toBe('call 1')
      }
    },
  )
  test.each(['host=b.test', 'for=a;Host=b.test', 'for="a;b", host="a.test:80"', 'for=a, proto=https', 'host', 'a b=c'])(
    'Forwarded: %s goes past the cache (RFC 7239)',
    async (forwarded) => {
      const { ask } = givenApp(saying(fresh))
      await ask('/x')
      expect((await ask('/x', { forwarded })).cacheStatus).toContain('detail=override')
    },
  )
  test('a field that is declared to select does so, and each value has a response of its own', async () => {
    const { ask } = givenApp(saying(fresh), { vary: ['X-Forwarded-Host'] })
    expect((await ask('/x', { 'x-forwarded-host': 'one.test' })).text).toBe('call 1')
    expect((await ask('/x', { 'x-forwarded-host': 'two.test' })).text).toBe('call 2')
    expect((await ask('/x', { 'x-forwarded-host': 'one.test' })).text).toBe('call 1')
    expect((await ask('/x')).text).toBe('call 3')
  })
})

describe('a URL that could be read in two ways', () => {
  test('a fragment, which no client sends, goes past the cache', async () => {
    const { app } = givenApp((c) => c.text(c.req.url, 200, fresh))
    const ask = async (url: string): Promise<string> => (await app.fetch(new Request(url))).text()
    expect(await ask('http://a.test/x#evil')).toBe('http://a.test/x#evil')
    expect(await ask('http://a.test/x')).toBe('http://a.test/x')
    expect(await ask('http://a.test/x?a#evil')).toBe('http://a.test/x?a#evil')
    expect(await ask('http://a.test/x?a')).toBe('http://a.test/x?a')
  })
  test('encoded and plain, upper and lower case, with and without a slash are resources of their own', async () => {
    const paths = ['/a/b', '/a%2fb', '/a%2Fb', '/A/b', '/a/b/', '/a//b', '/a/b;c', '/a/b?', '/a/b?%61=1', '/a/b?a=1', '/a/b?a=1&a=2', '/a/b?a=2&a=1']
    const { ask } = givenApp((c) => c.text(c.req.url, 200, fresh))
    for (const _ of [1, 2]) for (const path of paths) expect((await ask(path)).text).toBe(`http://a.test${path}`)
  })
})

describe('names and values of fields', () => {
  test('a field called like a member of every object comes back as it was', async () => {
    const { ask } = givenApp(saying({ ...fresh, constructor: 'a', 'x-kept': 'b' }))
    await ask('/x')
    const hit = await ask('/x')
    expect(hit.text).toBe('call 1')
    expect(hit.headers.get('constructor')).toBe('a')
  })
  test('bytes beyond ASCII come back as they were', async () => {
    const { ask } = givenApp(saying({ ...fresh, 'x-name': 'M\xfcller \x80' }))
    await ask('/x')
    expect((await ask('/x')).headers.get('x-name')).toBe('M\xfcller \x80')
  })
})

describe('ranges', () => {
  const given = async () => {
    const made = givenApp((_, call) => new Response(call === 1 ? '0123456789' : 'again', { headers: { ...fresh, etag: '"a"' } }))
    await made.ask('/x')
    return made
  }
  test.each([
    ['several', 'bytes=0-0,-1'],
    ['a thousand', `bytes=${Array.from({ length: 1_000 }, () => '0-').join(',')}`],
    ['one that ends before it begins', 'bytes=5-4'],
    ['one without numbers', 'bytes=-'],
    ['one with signs', 'bytes=+1-2'],
  ])('%s: the whole response, once', async (_, range) => {
    const { ask } = await given()
    expect(await ask('/x', { range })).toMatchObject({ status: 200, text: '0123456789' })
  })
  test('numbers beyond all bodies are cut off or unsatisfiable, never an error', async () => {
    const { ask } = await given()
    const huge = '9'.repeat(400)
    expect(await ask('/x', { range: `bytes=8-${huge}` })).toMatchObject({ status: 206, text: '89' })
    expect(await ask('/x', { range: `bytes=-${huge}` })).toMatchObject({ status: 206, text: '0123456789' })
    expect(await ask('/x', { range: `bytes=${huge}-` })).toMatchObject({ status: 416, text: '' })
  })
  test('a condition that holds comes before a range (RFC 9110 §13.2.2)', async () => {
    const { ask } = await given()
    expect(await ask('/x', { range: 'bytes=0-1', 'if-none-match': '"a"' })).toMatchObject({ status: 304, text: '' })
  })
  test('HEAD knows no ranges (RFC 9110 §14.2)', async () => {
    const { ask } = await given()
    const head = await ask('/x', { range: 'bytes=0-1' }, 'HEAD')
    expect(head.status).toBe(200)
    expect(head.headers.get('content-length')).toBe('10')
  })
  test('a part that a handler sends never stands in for the whole', async () => {
    for (const preset of ['safe', 'full'] as const) {
      const { ask } = givenApp(
        (c, call) =>
          c.req.header('range') === undefined && preset === 'safe'
            ? new Response(`whole ${call}`, { headers: fresh })
            : new Response('part', { status: 206, headers: { ...fresh, 'content-range': 'bytes 0-3/9' } }),
        { preset },
      )
      await ask('/x', { range: 'bytes=0-3' })
      expect((await ask('/x')).cacheStatus).not.toContain('hit')
    }
  })
})

test('a 304 that nobody asked the handler for is passed on and not stored', async () => {
  const { ask } = givenApp((_, call) => (call === 1 ? new Response(null, { status: 304, headers: { ...fresh, etag: '"a"' } }) : new Response('x')))
  expect((await ask('/x', { 'if-none-match': '"a"' })).status).toBe(304)
  expect(await ask('/x')).toMatchObject({ status: 200, text: 'x' })
})
test('a handler that changes nothing but answers another method does not overwrite what GET is answered with', async () => {
  const { ask } = givenApp((c, call) => new Response(`${c.req.method} ${call}`, { headers: fresh }))
  await ask('/x')
  for (const method of ['HEAD', 'OPTIONS', 'QUERY']) await ask('/x', {}, method)
  expect((await ask('/x')).text).toBe('GET 1')
})
test('what was stored before a field was declared to select is not for requests that it selects', async () => {
  const cache = createCache({ url: 'memory:' })
  const before = givenApp(saying(fresh), { cache })
  const after = givenApp((_, call) => new Response(`after ${call}`, { headers: fresh }), { cache, vary: ['x-a'] })
  await before.ask('/x')
  expect((await after.ask('/x', { 'x-a': '1' })).text).toBe('after 1')
  expect((await after.ask('/x', { 'x-a': '2' })).text).toBe('after 2')
  expect((await after.ask('/x', { 'x-a': '1' })).text).toBe('after 1')
})
test('two middlewares over one cache share only what they would both key alike', async () => {
  const cache = createCache({ url: 'memory:' })
  const app = new Hono()
  let calls = 0
  app.use('/a', responseCache({ cache, key: () => 'k' }))
  app.use('/k', responseCache({ cache }))
  app.get('*', (c) => c.text(`call ${(calls += 1)}`, 200, fresh))
  for (const path of ['/a', '/k']) await (await app.request(path)).text()
  expect(calls).toBe(2)
  expect(await (await app.request('/a')).text()).toBe('call 1')
  expect(await (await app.request('/k')).text()).toBe('call 2')
})
