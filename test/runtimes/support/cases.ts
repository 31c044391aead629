import assert from 'node:assert/strict'
import { type CacheResult, createCache } from 'fastmiss'

/** Where a case finds its server. */
interface Given {
  readonly url: string
  readonly token?: string
  /** Asked for, it makes the server sick. */
  readonly control?: string
}

/** The one list of cases for all runtimes. Each returns what its test looks at. */
const cases: Readonly<Record<string, (given: Given) => Promise<unknown>>> = { values, outage, copies, responses, testing, forgotten }

/** What goes in comes out, over whatever wire the URL says. */
async function values(given: Given): Promise<unknown> {
  const cache = createCache({ ...given, namespace: 'app', timeout: 5_000 })
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  const all = ['', ':text', '😀', 0, null, [1, { a: ':' }], 2n ** 70n, bytes]
  assert.deepEqual(await cache.setMany(all.map((value, index) => ({ key: `k${index}`, value }))), Array(all.length).fill(true))
  assert.deepEqual(await cache.getMany(all.map((_, index) => `k${index}`)), all)
  assert.equal(await cache.get('k1'), ':text')
  assert.deepEqual(await cache.lookup('none'), { status: 'miss' })
  assert.equal(await cache.set('short', 1, { ttl: 60_000 }), true)
  const found = await cache.lookup('short')
  assert.ok(found.status === 'hit' && found.ttl !== undefined && found.ttl <= 60_000)
  assert.deepEqual([await cache.has('k0'), await cache.delete('k0'), await cache.has('k0')], [true, true, false])
  const { status, transport } = await cache.health()
  return { status, transport }
}

/** A read, a second one, a write and a burst, while Redis is away. */
async function outage(given: Given): Promise<unknown> {
  const cache = createCache({ ...given, timeout: 250 })
  await cache.preload()
  const first = await timed(() => cache.lookup('key'))
  const second = await timed(() => cache.lookup('key'))
  const wasStored = await cache.set('key', 1)
  const burst = await timed(() => Promise.all(Array.from({ length: 1_000 }, () => cache.get('key'))))
  return { reasons: [reason(first.outcome), reason(second.outcome)], firstMs: first.ms, secondMs: second.ms, burstMs: burst.ms, wasStored }
}

/** Copies in memory: no command while they are young, and in an outage what was there, a stale value too. */
async function copies({ control, ...given }: Given): Promise<unknown> {
  const cache = createCache({ ...given, timeout: 1_000, memory: { ttl: 1_000 } })
  assert.equal(await cache.set('fresh', 'value'), true)
  const found = [await cache.lookup('fresh')]
  assert.equal(await cache.wrap('stale', () => 'loaded', { ttl: 1, swr: 60_000 }), 'loaded')
  await (await fetch(control ?? '')).text()
  await new Promise((resolve) => setTimeout(resolve, 1_050))
  for (const key of ['fresh', 'stale', 'none']) found.push(await cache.lookup(key))
  return found.map((one) => [one.status, 'from' in one ? one.from : '', 'reason' in one ? one.reason : ''])
}

/** The response cache behind the runtime's own server. */
async function responses(given: Given): Promise<unknown> {
  const { cacheContext, responseCache } = await import('fastmiss/hono')
  const { Hono } = await import('hono')
  const { serveHere } = await import('./serve-here.ts')
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  let calls = 0
  const app = new Hono()
  app.use(cacheContext({ cache: createCache({ ...given, timeout: 5_000 }) }))
  app.use(responseCache({ staleIfError: 60_000 }))
  app.get('/bytes', () => new Response(bytes, { headers: { 'cache-control': 'max-age=60' } }))
  app.get('*', (c) => c.text(`call ${(calls += 1)}`, 200, { 'cache-control': 'max-age=60', etag: '"a"', vary: 'x-a' }))
  const server = await serveHere((request) => app.fetch(request))
  const answers: unknown[] = []
  async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<void> {
    const response = await fetch(server.origin + path, { headers, method })
    const body = new Uint8Array(await response.arrayBuffer())
    const status = response.headers.get('cache-status')?.split('; ')[1]
    answers.push([
      response.status,
      status,
      path === '/bytes' ? body.every((byte, index) => byte === index) && body.length : new TextDecoder().decode(body),
    ])
  }
  await ask('/x')
  await ask('/x')
  await ask('/x', { 'x-a': '1' })
  await ask('/x', { 'x-a': '1', 'if-none-match': '"a"' })
  await ask('/x', { range: 'bytes=5-' })
  await ask('/x', {}, 'HEAD')
  await ask('/bytes')
  await ask('/bytes')
  await server.stop()
  return answers
}

/** Servers that nobody stops: the end of the process is theirs. */
async function forgotten(): Promise<unknown> {
  const { faultProxy, startRedis, startUpstash } = await import('fastmiss/testing')
  const redis = await startRedis()
  const upstash = await startUpstash({ redis: redis.url })
  const proxy = await faultProxy({ target: upstash.url })
  const cache = createCache({ url: proxy.url, token: upstash.token, timeout: 5_000 })
  return cache.set('key', 1)
}

/** The room for tests itself: a Redis, a gateway and a proxy started from here. */
async function testing(): Promise<unknown> {
  const { faultProxy, startRedis, startUpstash, testCache } = await import('fastmiss/testing')
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await using upstash = await startUpstash({ redis: redis.url })
  const overTcp = createCache({ url: proxy.url, timeout: 1_000 })
  const overHttp = createCache({ url: upstash.url, token: upstash.token, timeout: 1_000 })
  assert.equal(await overTcp.set('key', 'value'), true)
  assert.equal(await overHttp.get('key'), 'value')
  // The connection that was kept dies; a fresh one answers.
  upstash.set('resetPooled')
  assert.equal(await overHttp.get('key'), 'value')
  await proxy.set('silent')
  upstash.set('500')
  const reasons = [reason(await overTcp.lookup('key')), reason(await overHttp.lookup('key'))]
  await using cache = testCache({ ttl: 1_000 })
  await cache.set('key', 'value')
  cache.clock.advance(1_000)
  assert.deepEqual(await cache.lookup('key'), { status: 'miss' })
  return { reasons, requests: upstash.requests, open: proxy.counters.open }
}

async function timed<Answer>(run: () => Promise<Answer>): Promise<{ readonly outcome: Answer; readonly ms: number }> {
  const startedAt = performance.now()
  const outcome = await run()
  return { outcome, ms: performance.now() - startedAt }
}

function reason(found: CacheResult<unknown>): string {
  return found.status === 'degraded' ? found.reason : found.status
}

const [, , name = '', given = '{}'] = process.argv
const run = cases[name]
if (run === undefined) throw new Error(`there is no case '${name}'`)
const result = await run(JSON.parse(given) as Given)
console.log(JSON.stringify({ result, at: Date.now() }))
