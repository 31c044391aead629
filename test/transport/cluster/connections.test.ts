import { createCache } from 'fastmiss'
import { cluster as clusterTransport } from 'fastmiss/tcp'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ProxiedCluster, startProxied } from './support/proxied-cluster.ts'

let given: ProxiedCluster

beforeAll(async () => {
  given = await startProxied()
})
beforeEach(async () => {
  await Promise.all(given.cluster.nodes.map((node) => node.ask(['CONFIG', 'RESETSTAT'])))
})
/** After each test no node has a connection of ours. */
afterEach(() => expect.poll(() => given.count().open).toBe(0))
afterAll(() => given[Symbol.asyncDispose]())

const KEYS = Array.from({ length: 64 }, (_, index) => `key${index}`)

/** How often a command was called on all nodes. */
async function calls(command: string): Promise<number> {
  const infos = await Promise.all(given.cluster.nodes.map((node) => node.ask(['INFO', 'commandstats'])))
  return infos.reduce(
    (sum, [info]) => sum + Number(new RegExp(`cmdstat_${command.replace('|', '\\|')}:calls=(\\d+)`).exec(String(info))?.[1] ?? 0),
    0,
  )
}

/** Round trips over each connection that was opened since: a request that follows a reply begins one. */
function roundTrips(since: Map<unknown, number>): number {
  let most = 0
  for (const proxy of given.proxies.values()) {
    const rounds = new Map<number, { count: number; wasReply: boolean }>()
    for (const event of proxy.events.slice(since.get(proxy) ?? 0)) {
      if (event.type !== 'request' && event.type !== 'reply') continue
      const round = rounds.get(event.connection) ?? { count: 0, wasReply: true }
      if (event.type === 'request' && round.wasReply) round.count += 1
      round.wasReply = event.type === 'reply'
      rounds.set(event.connection, round)
    }
    most = Math.max(most, ...[...rounds.values()].map(({ count }) => count))
  }
  return most
}

function now(): Map<unknown, number> {
  return new Map([...given.proxies.values()].map((proxy) => [proxy, proxy.events.length]))
}

test('cold, 64 keys cost one CLUSTER SLOTS, a connection a primary, and what is not the seed’s one round trip more', async () => {
  const cache = given.cache({ timeout: 2_000 })
  await cache.preload()
  const { dials } = given.count()
  const since = now()
  expect(await cache.setMany(KEYS.map((key) => ({ key, value: key })))).toEqual(KEYS.map(() => true))
  expect(given.count().dials - dials).toBe(3)
  expect(await calls('cluster|slots')).toBe(1)
  expect(roundTrips(since)).toBe(1)
  await cache.close()
})

test('warm, 64 keys over three nodes are three connections and one round trip, and then none', async () => {
  const cache = given.cache({ timeout: 2_000 })
  await cache.setMany(KEYS.map((key) => ({ key, value: key })))
  await cache.close()
  const { dials } = given.count()
  await using invocation = cache.invocation()
  let since = now()
  expect(await invocation.getMany(KEYS)).toEqual(KEYS)
  expect(given.count().dials - dials).toBe(3)
  expect(roundTrips(since)).toBe(1)
  since = now()
  expect(await invocation.getMany(KEYS)).toEqual(KEYS)
  expect(given.count().dials - dials).toBe(3)
  expect(await calls('cluster|slots')).toBe(1)
})

test('one key costs one dial and one round trip where the seed holds it, and one more of each where it does not', async () => {
  const [first] = given.cluster.nodes
  const url = `redis+cluster://${first?.host}:${first?.port}`
  for (const key of KEYS.slice(0, 6)) {
    const isSeeds = (await given.cluster.primaryOf(`app::${key}`)) === first
    const cache = given.cache({ url, timeout: 2_000 })
    await cache.preload()
    const { dials } = given.count()
    expect((await cache.lookup(key)).status).not.toBe('degraded')
    await cache.close()
    expect(given.count().dials - dials).toBe(isSeeds ? 1 : 2)
  }
})

test('fifty first gets at once dial each node once', async () => {
  const cache = given.cache({ timeout: 2_000 })
  await cache.preload()
  const { dials } = given.count()
  const found = await Promise.all(KEYS.slice(0, 50).map((key) => cache.lookup(key)))
  expect(found.map(({ status }) => status)).not.toContain('degraded')
  expect(given.count().dials - dials).toBe(3)
  expect(await calls('cluster|slots')).toBe(1)
  await cache.close()
})

test('fifty first gets in turns of their own share the seed’s connection too', async () => {
  const cache = given.cache({ timeout: 2_000 })
  await cache.preload()
  const { dials } = given.count()
  const later = async (key: string, turns: number) => {
    for (let turn = 0; turn < turns * 10; turn += 1) await Promise.resolve()
    return cache.lookup(key)
  }
  const found = await Promise.all(KEYS.slice(0, 50).map(later))
  expect(found.map(({ status }) => status)).not.toContain('degraded')
  expect(given.count().dials - dials).toBe(3)
  expect(await calls('cluster|slots')).toBe(1)
  await cache.close()
})

test('a seed by another name is known for the node that it is', async () => {
  const [first] = given.cluster.nodes
  const alias = `localhost:${first?.port}`
  const nodeAddress = (name: string): string | undefined => given.nodeAddress(name.replace('localhost', '127.0.0.1'))
  const cache = given.cache({ url: `redis+cluster://${alias}`, nodeAddress, timeout: 2_000 })
  await cache.preload()
  const { dials } = given.count()
  await using invocation = cache.invocation()
  expect((await invocation.getMany(KEYS)).length).toBe(64)
  await invocation.getMany(KEYS)
  expect(given.count().dials - dials).toBe(3)
})

test('connection: reuse keeps one connection for each node that was used, and close() ends them', async () => {
  const cache = given.cache({ connection: 'reuse', timeout: 2_000 })
  await cache.getMany(KEYS)
  const { dials } = given.count()
  for (let round = 0; round < 5; round += 1) {
    await using invocation = cache.invocation()
    await invocation.getMany(KEYS)
  }
  expect(given.count().dials - dials).toBe(0)
  expect(given.count().open).toBe(3)
  await cache.close()
})

test('events name the node, without a secret', async () => {
  const cache = given.cache({ timeout: 2_000 })
  await cache.getMany(KEYS)
  await cache.close()
  const nodes = cache.told.flatMap((event) => (event.type === 'connect' ? [event.node] : []))
  const primaries = given.cluster.nodes.filter(({ role }) => role === 'primary').map(({ host, port }) => `${host}:${port}`)
  expect(nodes).toHaveLength(3)
  expect(new Set(nodes)).toEqual(new Set(primaries))
})

test('health counts the primaries', async () => {
  const cache = given.cache({ timeout: 2_000 })
  expect(await cache.health()).toMatchObject({ status: 'ok', transport: 'cluster', nodes: { up: 3, of: 3 } })
  await cache.close()
})

test('a cluster that is handed in as a transport is the same', async () => {
  const { url } = given.cluster
  const { nodeAddress } = given
  const [seed = '', ...seeds] = url.slice('redis+cluster://'.length).split(',')
  const urls = [`redis+cluster://${seed}`, `redis+cluster://${seeds.join(',')}`]
  const cache = createCache({ transport: clusterTransport(urls, { nodeAddress }), namespace: 'app', timeout: 2_000 })
  expect(await cache.setMany(KEYS.map((key) => ({ key, value: key })))).toEqual(KEYS.map(() => true))
  expect(await cache.getMany(KEYS)).toEqual(KEYS)
  await cache.close()
})

test('options that mean nothing here are refused by name', () => {
  const { url } = given.cluster
  expect(() => createCache({ url, token: 't' })).toThrow(/^token: /)
  expect(() => createCache({ url, sentinelCredentials: async () => ({}) })).toThrow(/^sentinelCredentials: /)
  expect(() => createCache({ url, readFrom: 'replica' as never })).toThrow(/^readFrom: /)
  expect(() => createCache({ url, tls: {} })).toThrow(/^tls: needs a rediss: URL/)
  expect(() => createCache({ url: `${url}/1` })).toThrow('database 0 alone')
  expect(() => createCache({ url: 'redis://h', readFrom: 'fallback' })).toThrow(/^readFrom: is for redis\+cluster:/)
  expect(() => createCache({ url: 'redis+cluster://:pw@h', credentials: async () => ({}) })).toThrow(/^credentials: /)
})
