import { createCache } from 'fastmiss'
import { purge, responseCache } from 'fastmiss/hono'
import { createKeyv, KeyvFastmiss } from 'fastmiss/keyv'
import { startCluster, startRedis } from 'fastmiss/testing'
import { Hono } from 'hono'
import { Miniflare } from 'miniflare'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { bundleWorker } from '../../../workers/local/bundle.ts'
import { askRedis } from '../../../src/testing/redis/ask-redis.ts'
import { type ProxiedCluster, startProxied } from './support/proxied-cluster.ts'

let given: ProxiedCluster

beforeAll(async () => {
  given = await startProxied({ replicas: 0 })
})
afterAll(() => given[Symbol.asyncDispose]())

const NAMES = Array.from({ length: 60 }, (_, index) => `name${index}`)

test('an entry is stored as the same bytes as on one node', async () => {
  await using redis = await startRedis()
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    for (const url of [redis.url, given.cluster.url]) {
      const cache = createCache({ url, namespace: 'app', timeout: 10_000 })
      expect(await cache.set('entry', { text: 'ß😀', bytes: new Uint8Array([0, 255]), big: 10n ** 30n }, { ttl: 60_000 })).toBe(true)
    }
  } finally {
    vi.useRealTimers()
  }
  const [ofCluster] = await (await given.cluster.primaryOf('app::entry')).ask(['GET', 'app::entry'])
  expect((await askRedis(redis.url, undefined, ['GET', 'app::entry']))[0]).toBe(ofCluster)
})

test('tags invalidate entries of every node, with leases and wrap', async () => {
  const cache = given.cache({ namespace: 'tags', timeout: 2_000 })
  let loads = 0
  const load = async () => (loads += 1)
  for (const name of NAMES.slice(0, 12)) await cache.wrap(name, load, { ttl: 60_000, tags: ['all', name], lease: true })
  expect(loads).toBe(12)
  for (const name of NAMES.slice(0, 12)) await cache.wrap(name, load, { ttl: 60_000 })
  expect(loads).toBe(12)
  expect(await cache.invalidateTags(['all'])).toBe(true)
  expect(await cache.getMany(NAMES.slice(0, 12))).toEqual(NAMES.slice(0, 12).map(() => undefined))
  expect(await cache.clear({ timeout: 5_000 })).toBe(true)
  for (const node of given.cluster.nodes) {
    const [keys] = await node.ask(['KEYS', 'tags::*'])
    expect(keys).toEqual([])
  }
  await cache.close()
})

test('Keyv walks over every primary, and says which error kept it from one', async () => {
  const store = new KeyvFastmiss({ url: given.cluster.url, nodeAddress: given.nodeAddress, namespace: 'walked', timeout: 2_000 })
  const errors: unknown[] = []
  store.on('error', (error) => errors.push(error))
  for (const name of NAMES) await store.set(name, `{"value":"${name}"}`)
  const walk = async () => {
    const seen: string[] = []
    for await (const [key] of store.iterator() as AsyncIterable<[string, string]>) seen.push(key)
    return seen
  }
  expect((await walk()).toSorted((a, b) => a.localeCompare(b))).toEqual(NAMES.toSorted((a, b) => a.localeCompare(b)))
  expect(errors).toEqual([])
  const proxy = await given.proxyOf('walked::name0')
  await proxy.set('refuse')
  const living = await walk()
  expect(living).not.toContain('name0')
  expect(living.length).toBeGreaterThan(10)
  expect(errors).toHaveLength(1)
  await given.heal()
  await store.disconnect()
  await expect.poll(() => given.count().open).toBe(0)
})

test('Keyv reads what the facade wrote, and the other way round', async () => {
  const { url } = given.cluster
  const cache = createCache({ url, namespace: 'shared', timeout: 5_000 })
  const keyv = createKeyv({ url, namespace: 'shared', timeout: 5_000 })
  for (const name of NAMES.slice(0, 6)) {
    expect(await cache.set(`facade ${name}`, { name })).toBe(true)
    expect(await keyv.get(`facade ${name}`)).toEqual({ name })
    await keyv.set(`keyv ${name}`, { name }, 60_000)
    expect(await cache.lookup(`keyv ${name}`)).toMatchObject({ status: 'hit', value: { name } })
  }
  await Promise.all([cache.close(), keyv.disconnect()])
})

test('the response cache stores, serves and purges pages over a cluster', async () => {
  const cache = given.cache({ namespace: 'pages', timeout: 2_000 })
  let calls = 0
  const app = new Hono()
  app.use(responseCache({ cache, ttl: 60_000, preset: 'full' }))
  app.get('/:page', (context) => context.text(`${context.req.param('page')} ${(calls += 1)}`))
  for (const page of ['a', 'b', 'c', 'd']) {
    const first = await (await app.request(`http://localhost/${page}`)).text()
    await expect.poll(async () => (await app.request(`http://localhost/${page}`)).headers.get('cache-status')).toMatch(/hit/)
    expect(await (await app.request(`http://localhost/${page}`)).text()).toBe(first)
  }
  expect(await purge(cache, { url: 'http://localhost/a' })).toBe(true)
  const [purged, kept] = await Promise.all(
    ['a', 'b'].map(async (page) => (await app.request(`http://localhost/${page}`)).headers.get('cache-status')),
  )
  expect(purged).not.toMatch(/hit/)
  expect(kept).toMatch(/hit/)
  await cache.close()
})

test('over TLS each node proves the name that it announces, wherever it is reached; credentials come from a function', async () => {
  await using cluster = await startCluster({ tls: true, password: 's3cret', primaries: 2, replicas: 0 })
  const url = cluster.url.replace(/:[^/@]*@/, '')
  const common = { url, timeout: 5_000, credentials: async () => ({ password: 's3cret' }) }
  const trusting = createCache({ ...common, tls: { ca: cluster.ca } })
  expect(await trusting.setMany(NAMES.map((key) => ({ key, value: key })))).toEqual(NAMES.map(() => true))
  expect(await trusting.getMany(NAMES)).toEqual(NAMES)
  // Reached by address: the certificate is for the name that is announced.
  const byAddress = createCache({ ...common, tls: { ca: cluster.ca }, nodeAddress: (name) => name.replace('localhost', '127.0.0.1') })
  expect(await byAddress.getMany(NAMES)).toEqual(NAMES)
  const strange = createCache({ ...common, tls: { ca: cluster.ca, servername: 'other.example' } })
  expect(await strange.lookup('name0')).toMatchObject({ status: 'degraded', reason: 'protocol' })
  expect(await createCache(common).lookup('name0')).toMatchObject({ status: 'degraded', reason: 'protocol' })
})

test('in workerd cluster() serves a request, and no connection outlives it', { timeout: 30_000 }, async () => {
  const entry = fileURLToPath(new URL('support/cluster-worker.ts', import.meta.url))
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents: await bundleWorker(entry) }],
    bindings: { REDIS_URL: given.cluster.url },
  })
  try {
    for (let round = 0; round < 2; round += 1) {
      const answer = await (await worker.dispatchFetch('http://localhost/')).json()
      expect(answer).toMatchObject({ written: true, read: true, health: { status: 'ok', nodes: { up: 3, of: 3 } } })
    }
  } finally {
    await worker.dispose()
  }
})
