import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect, createServer as createHttp2Server, type IncomingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { getRequestListener, type HttpBindings, serve, type ServerType } from '@hono/node-server'
import { createCache } from 'fastmiss'
import { responseCache } from 'fastmiss/hono'
import { startRedis } from 'fastmiss/testing'
import { Hono } from 'hono'
import { handle } from 'hono/aws-lambda'
import { expect, test } from 'vitest'

function appOf(url: string) {
  const app = new Hono()
  let calls = 0
  app.use(responseCache({ cache: createCache({ url, timeout: 2_000 }) }))
  app.get(
    '/binary',
    () =>
      new Response(
        Uint8Array.from({ length: 256 }, (_, index) => index),
        { headers: { 'cache-control': 'max-age=60', 'content-type': 'application/octet-stream' } },
      ),
  )
  app.get('*', (c) => c.text(`call ${(calls += 1)}`, 200, { 'cache-control': 'max-age=60', etag: '"a"' }))
  return app
}

/** The adapter hands over requests of its own, or those of the global class. */
const SETTINGS = [{}, { overrideGlobalObjects: false }]

async function listening(
  app: Hono,
  settings: { readonly overrideGlobalObjects?: boolean } = {},
): Promise<{ origin: string; [Symbol.asyncDispose](): Promise<void> }> {
  let server: ServerType | undefined
  const port = await new Promise<number>(
    (resolve) => (server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', ...settings }, ({ port: one }) => resolve(one))),
  )
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      if (server === undefined) return
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

test.each(SETTINGS)('behind @hono/node-server hits, conditions, ranges and HEAD are answered from Redis: %j', async (settings) => {
  await using redis = await startRedis()
  await using server = await listening(appOf(redis.url), settings)
  const first = await fetch(`${server.origin}/x`)
  expect(await first.text()).toBe('call 1')
  const second = await fetch(`${server.origin}/x`)
  expect(await second.text()).toBe('call 1')
  expect(second.headers.get('cache-status')).toContain('hit')
  expect(second.headers.get('age')).toBe('0')
  expect((await fetch(`${server.origin}/x`, { headers: { 'if-none-match': '"a"' } })).status).toBe(304)
  const part = await fetch(`${server.origin}/x`, { headers: { range: 'bytes=-1' } })
  expect([part.status, await part.text()]).toEqual([206, '1'])
  const head = await fetch(`${server.origin}/x`, { method: 'HEAD' })
  expect(head.headers.get('content-length')).toBe('6')
  for (const _ of [1, 2]) {
    const bytes = new Uint8Array(await (await fetch(`${server.origin}/binary`)).arrayBuffer())
    expect(bytes).toEqual(Uint8Array.from({ length: 256 }, (__, index) => index))
  }
})

test.each(SETTINGS)('behind @hono/node-server a stale response is validated, and conditions of the client reach no handler: %j', async (settings) => {
  const app = new Hono()
  const seen: (string | undefined)[] = []
  app.use(responseCache({ cache: createCache({ url: 'memory:' }), preset: 'full' }))
  app.get('*', (c) => {
    seen.push(c.req.header('if-none-match'))
    return seen.at(-1) === '"a"'
      ? new Response(null, { status: 304, headers: { etag: '"a"' } })
      : c.text('0123', 200, { 'cache-control': 'max-age=0', etag: '"a"' })
  })
  await using server = await listening(app, settings)
  const ask = async (headers: Record<string, string>): Promise<unknown[]> => {
    const response = await fetch(`${server.origin}/x`, { headers })
    return [response.status, await response.text()]
  }
  expect(await ask({ 'if-none-match': '"b"' })).toEqual([200, '0123'])
  expect(await ask({})).toEqual([200, '0123'])
  expect(await ask({ 'if-none-match': '"a"' })).toEqual([304, ''])
  expect(await ask({ range: 'bytes=1-2' })).toEqual([206, '12'])
  expect(seen).toEqual([undefined, '"a"', '"a"', '"a"'])
})
test.each(SETTINGS)('behind @hono/node-server over HTTP/2 misses, hits and conditions are as over HTTP/1: %j', async (settings) => {
  const app = appOf('memory:')
  const server = createHttp2Server(getRequestListener(app.fetch, settings))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const ask = (headers: Record<string, string>): Promise<{ readonly status: unknown; readonly text: string; readonly cacheStatus: unknown }> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':path': '/x', ...headers })
      let fields: IncomingHttpHeaders = {}
      let text = ''
      stream.setEncoding('utf8')
      stream.on('response', (received) => (fields = received))
      stream.on('data', (chunk: string) => (text += chunk))
      stream.on('end', () => resolve({ status: fields[':status'], text, cacheStatus: fields['cache-status'] }))
      stream.on('error', reject)
    })
  try {
    expect(await ask({ 'if-none-match': '"b"' })).toMatchObject({ status: 200, text: 'call 1', cacheStatus: expect.stringContaining('stored') })
    expect(await ask({})).toMatchObject({ status: 200, text: 'call 1', cacheStatus: expect.stringContaining('hit') })
    expect(await ask({ 'if-none-match': '"a"' })).toMatchObject({ status: 304, text: '' })
  } finally {
    session.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
})

test.each([{}, { 'content-length': '4' }])(
  'behind @hono/node-server fields beyond ASCII have the same bytes from the handler and from the store: %j',
  async (length) => {
    // What `fetch` hands on of an origin that writes UTF-8 here, and of one that writes Latin-1.
    const fields = { 'content-disposition': 'attachment; filename="\xc3\xbcber.csv"', 'x-place': '\xc3\xbcber', 'x-other-place': '\xfcber' }
    const app = new Hono()
    app.use(responseCache({ cache: createCache({ url: 'memory:' }) }))
    app.get('*', () => {
      const headers = { 'cache-control': 'max-age=60', 'content-type': 'text/csv', ...length, ...fields }
      return new Response(new Blob(['a;b\n']).stream(), { headers })
    })
    await using server = await listening(app)
    for (const status of ['uri-miss', 'hit']) {
      const response = await fetch(`${server.origin}/x`)
      expect(response.headers.get('cache-status')).toContain(status)
      expect(Object.fromEntries(response.headers)).toMatchObject(fields)
      expect(await response.text()).toBe('a;b\n')
    }
  },
)

test('behind @hono/node-server an early hint passes, and only the final response is stored', async () => {
  const app = new Hono()
  app.use(responseCache({ cache: createCache({ url: 'memory:' }) }))
  app.get('*', (c) => {
    const { outgoing } = c.env as HttpBindings
    outgoing.writeEarlyHints({ link: '</a.css>; rel=preload; as=style', 'x-early': '1' })
    return c.text('final', 200, { 'cache-control': 'max-age=60' })
  })
  await using server = await listening(app)
  const ask = async (): Promise<{ response: IncomingMessage; early: number[] }> => {
    const early: number[] = []
    const request = get(`${server.origin}/x`).on('information', ({ statusCode }) => early.push(statusCode))
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    await once(response, 'end')
    return { response, early }
  }
  for (const [status, early] of [
    ['uri-miss', [103]],
    ['hit', []],
  ] as const) {
    const answer = await ask()
    expect(answer.early).toEqual(early)
    expect(answer.response.statusCode).toBe(200)
    expect(answer.response.headers).toMatchObject({ 'cache-status': expect.stringContaining(status) as string })
    expect(answer.response.headers).not.toHaveProperty('x-early')
    expect(answer.response.headers).not.toHaveProperty('link')
  }
})

test('a path that a client does not normalise is a resource of its own', async () => {
  await using redis = await startRedis()
  await using server = await listening(appOf(redis.url))
  const { port } = new URL(server.origin)
  const raw = async (path: string): Promise<string> => {
    const [response] = (await once(get({ host: '127.0.0.1', port, path }), 'response')) as [AsyncIterable<Buffer>]
    let text = ''
    for await (const chunk of response) text += chunk.toString()
    return text
  }
  const answers = [await raw('/b'), await raw('/a/../b'), await raw('/%62'), await raw('//b')]
  expect(await raw('/b')).toBe(answers[0])
  // What the runtime normalises before the router sees it may share; what the router tells apart may not.
  expect(new Set([answers[0], answers[2], answers[3]]).size).toBe(3)
})

test('a request line with the whole URL does not fill the store with what another Host gave', async () => {
  const app = new Hono()
  app.use(responseCache({ cache: createCache({ url: 'memory:' }) }))
  app.get('*', (c) => c.text(c.req.header('host') ?? '', 200, { 'cache-control': 'max-age=60' }))
  await using server = await listening(app)
  const { host, hostname, port } = new URL(server.origin)
  for (const [path, headers, status, text] of [
    [`${server.origin}/x`, { host: 'evil.test' }, 'fwd=bypass; fwd-status=200; detail=host', 'evil.test'],
    ['/x', { host }, 'fwd=uri-miss', host],
    [`${server.origin}/x`, { host }, 'hit', host],
  ] as const) {
    const [response] = (await once(get({ hostname, port, path, headers }), 'response')) as [IncomingMessage]
    expect(response.headers['cache-status']).toContain(status)
    expect(String(await response.setEncoding('utf8').toArray())).toBe(text)
  }
})

test('in a Lambda function the write is done before the answer goes out', async () => {
  await using redis = await startRedis()
  const handler = handle(appOf(redis.url))
  const ask = async (rawPath: string) => {
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString: '',
      headers: { 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
      isBase64Encoded: false,
      body: null,
      requestContext: { domainName: 'a.test', http: { method: 'GET', path: rawPath } },
    }
    // A function URL's event, cut down to what is read of it.
    return (await handler(event as never, {} as never)) as { body: string; isBase64Encoded: boolean; headers: Record<string, string> }
  }
  expect(await ask('/x')).toMatchObject({ body: 'call 1' })
  const hit = await ask('/x')
  expect(hit).toMatchObject({ body: 'call 1' })
  expect(hit.headers['cache-status']).toContain('hit')
  for (const _ of [1, 2]) {
    const binary = await ask('/binary')
    expect(binary.isBase64Encoded).toBe(true)
    expect(new Uint8Array(Buffer.from(binary.body, 'base64'))).toEqual(Uint8Array.from({ length: 256 }, (__, index) => index))
  }
})
