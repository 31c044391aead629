import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { type CacheEvent, createCache } from 'fastmiss'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Keyv5Project, loadKeyv5Project } from './support/keyv5-project.ts'

/** What the tests use of got. */
type Got = (url: string, options: object) => Promise<{ readonly body: string; readonly isFromCache: boolean }>

let project: Keyv5Project & AsyncDisposable
let got: Got
beforeAll(async () => {
  project = await loadKeyv5Project()
  const require = createRequire(new URL('../peers/package.json', import.meta.url))
  // What is used of it is what the type says.
  got = ((await import(pathToFileURL(require.resolve('got')).href)) as { default: Got }).default
}, 30_000)
afterAll(() => project[Symbol.asyncDispose]())

/** A page that may be cached, and counts how often it is asked for. */
async function page() {
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    response.setHeader('cache-control', 'max-age=60').end(`page ${asked}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections()
    },
  }
}

test('with emitErrors: false got answers while Redis is away, and from the cache otherwise', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await using site = await page()
  const events: CacheEvent[] = []
  const store = new KeyvFastmiss(proxy.url, { keyv: 5, timeout: 200, emitErrors: false, onEvent: (event) => void events.push(event) })
  const cache = new project.Keyv({ store, namespace: 'got' })
  const ask = () => got(site.url, { cache, retry: { limit: 0 } })
  expect(await ask()).toMatchObject({ body: 'page 1', isFromCache: false })
  await expect.poll(async () => (await ask()).isFromCache).toBe(true)
  await proxy.set('silent')
  const startedAt = performance.now()
  const before = proxy.counters.connections
  for (let round = 0; round < 3; round += 1) expect((await ask()).isFromCache).toBe(false)
  expect(performance.now() - startedAt).toBeLessThan(2_000)
  expect(proxy.counters.connections - before).toBeLessThanOrEqual(2)
  expect(events.some(({ type }) => type === 'degraded')).toBe(true)
  await store.disconnect()
})

test('emitErrors is a boolean, and silences the faults of Redis alone', async () => {
  await using redis = await startRedis()
  const faults: unknown[] = []
  for (const emitErrors of [true, false]) {
    const store = new KeyvFastmiss('redis://127.0.0.1:1', { emitErrors, timeout: 100 })
    store.on('error', (error) => faults.push([emitErrors, error]))
    await store.get('a')
    await store.clear()
  }
  expect(faults).toMatchObject([
    [true, { code: 'unreachable' }],
    [true, { code: 'cooldown' }],
  ])
  // @ts-expect-error a text is none
  expect(() => new KeyvFastmiss(createCache({ url: redis.url }), { emitErrors: 'no' })).toThrow('emitErrors: expected a boolean')
})
