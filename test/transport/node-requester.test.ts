import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Cache, createCache } from 'fastmiss'
import { faultProxy, startUpstash } from 'fastmiss/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { throwawayCertificate } from '../../src/testing/throwaway-certificate.ts'

afterEach(() => void vi.unstubAllGlobals())

const DISPATCHER = Symbol.for('undici.globalDispatcher.1')

test('a fetch that somebody put in the place of the runtime is the one that is used', async () => {
  const bodies: unknown[] = []
  vi.stubGlobal('fetch', async (_url: string, { body }: { readonly body: string }) => {
    bodies.push(JSON.parse(body))
    return Response.json([{ result: '{"value":"from the stub"}' }])
  })
  const cache = createCache({ url: 'https://stub.invalid', token: 't' })
  expect(await cache.get('key')).toBe('from the stub')
  expect(bodies).toEqual([[['GET', 'key']]])
})

test('so is a dispatcher that somebody put under it, such as a proxy', async () => {
  await using upstash = await startUpstash()
  // Node's own, seen from outside.
  await fetch(upstash.url)
  const own = Reflect.get(globalThis, DISPATCHER) as { dispatch(options: object, handler: object): boolean }
  let dispatched = 0
  class ProxyAgent {
    dispatch(options: object, handler: object): boolean {
      dispatched += 1
      return own.dispatch(options, handler)
    }
  }
  Reflect.set(globalThis, DISPATCHER, new ProxyAgent())
  try {
    const cache = createCache({ url: upstash.url, token: upstash.token, timeout: 5_000 })
    expect(await cache.set('key', 'value')).toBe(true)
    expect(dispatched).toBe(1)
  } finally {
    Reflect.set(globalThis, DISPATCHER, own)
  }
})

test('a fetch that keeps answers, as that of Next.js does, keeps none of a cache unless it is asked to', async () => {
  await using upstash = await startUpstash()
  const real = globalThis.fetch
  const kept = new Map<string, string>()
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (init.cache === 'no-store') return real(url, init)
    const key = JSON.stringify([url, init.body])
    if (!kept.has(key)) kept.set(key, await (await real(url, init)).text())
    return new Response(kept.get(key))
  })
  const place = { url: upstash.url, token: upstash.token, timeout: 5_000 }
  const reads = async (cache: Cache): Promise<unknown[]> => [
    [await cache.set('price', 1), await cache.get('price')],
    [await cache.set('price', 2), await cache.get('price')],
  ]
  expect(await reads(createCache(place))).toEqual([
    [true, 1],
    [true, 2],
  ])
  expect(kept.size).toBe(0)
  for (const fetchCache of ['default', 'force-cache'] as const) {
    kept.clear()
    expect(await reads(createCache({ ...place, fetchCache }))).toEqual([
      [true, 1],
      [true, 1],
    ])
  }
  expect(() => createCache({ ...place, fetchCache: 'never' as never })).toThrow('fetchCache: expected no-store, default, force-cache')
  expect(() => createCache({ url: 'redis://localhost', fetchCache: 'default' })).toThrow("fetchCache: is for Upstash's REST API")
})

test('a connection is kept for the next invocation, and when every kept one is dead a fresh one is tried', async () => {
  await using upstash = await startUpstash()
  const cache = createCache({ url: upstash.url, token: upstash.token, timeout: 5_000 })
  for (let turn = 0; turn < 3; turn += 1) expect(await cache.set('key', turn)).toBe(true)
  expect([upstash.requests, upstash.connections]).toEqual([3, 1])
  // Several at once, so that several are kept.
  await Promise.all([1, 2, 3, 4].map((turn) => cache.invocation().set(`key ${turn}`, turn)))
  expect(upstash.connections).toBe(4)

  upstash.set('resetPooled')
  expect(await cache.get('key')).toBe(2)
  expect([upstash.requests, upstash.connections]).toEqual([9, 5])
})

test('a body in pieces and with no length comes out whole, characters cut in two included', async () => {
  await using upstash = await startUpstash()
  await using proxy = await faultProxy({ target: upstash.url })
  const cache = createCache({ url: proxy.url, token: upstash.token, timeout: 5_000 })
  const value = '😀ß'.repeat(20)
  expect(await cache.set('key', value)).toBe(true)
  await proxy.set('drip', { bytes: 7, delay: 1 })
  expect(await cache.get('key')).toBe(value)
})

test('https is spoken; a certificate that nobody vouches for is a wrong protocol', async () => {
  const { cert, key } = await throwawayCertificate()
  const server = createServer({ cert, key }, (_, response) => response.end('[{"result":"PONG"}]'))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const options = { url: `https://localhost:${typeof address === 'object' ? address?.port : ''}`, token: 't', timeout: 5_000 }
  const directory = await mkdtemp(join(tmpdir(), 'fastmiss-https-'))
  try {
    expect(await createCache(options).lookup('key')).toMatchObject({ reason: 'protocol', error: { message: expect.stringMatching(/TLS/) as string } })
    const trusted = join(directory, 'ca.pem')
    await writeFile(trusted, cert)
    const script = `import { createCache } from 'fastmiss'; console.log((await createCache(${JSON.stringify(options)}).health()).status)`
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: trusted }
    expect((await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env })).stdout).toBe('ok\n')
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(directory, { recursive: true })
  }
})
