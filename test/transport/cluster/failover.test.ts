import { type CacheOptions, createCache } from 'fastmiss'
import { type LocalCluster, type LocalClusterNode, startCluster } from 'fastmiss/testing'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createKeys } from '../../../src/entry/keys.ts'
import { keySlot } from '../../../src/transport/cluster/key-slot.ts'
import { timed } from './support/proxied-cluster.ts'

/** A failover takes the nodes a second or two, and a busy machine longer. */
vi.setConfig({ testTimeout: 60_000 })

const COOLDOWN = 300
/** What a busy machine may add. */
const SLACK = 200

let cluster: LocalCluster

beforeAll(async () => {
  // As clusters of caches are run: by default Redis refuses every key, live ones too, from where a dead shard is noticed to its takeover.
  cluster = await startCluster({ args: ['--cluster-require-full-coverage', 'no'] })
})
afterAll(() => cluster.stop())

const KEYS = Array.from({ length: 24 }, (_, index) => `key${index}`)

/** Reads and writes without a pause until it is told to stop. */
function traffic(cache: ReturnType<typeof createCache>, keys: readonly string[]) {
  const answers: { readonly at: number; readonly ms: number; readonly read: string; readonly isWritten: boolean }[] = []
  let isOver = false
  const run = async (): Promise<void> => {
    for (let turn = 0; !isOver; turn += 1) {
      const key = keys[turn % keys.length] ?? ''
      const { value, ms } = await timed(() => Promise.all([cache.lookup(key), cache.set(key, 'value')]))
      answers.push({ at: performance.now(), ms, read: value[0].status, isWritten: value[1] })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const running = run()
  return {
    answers,
    async end() {
      isOver = true
      await running
      return answers
    },
  }
}

async function written(connection: 'reuse' | 'per-invocation', options: CacheOptions = {}) {
  const cache = createCache({ url: cluster.url, namespace: 'app', cooldown: COOLDOWN, maxCooldown: COOLDOWN, connection, ...options })
  await cache.preload()
  const write = () => cache.setMany(KEYS.map((key) => ({ key, value: 'value' })))
  // A node that came back a moment ago may still be busy with its primary.
  await expect.poll(async () => (await write()).every(Boolean), { timeout: 20_000 }).toBe(true)
  return cache
}

/** The primary of a key, with all keys that are its own. */
async function shardOf(key: string): Promise<{ readonly primary: LocalClusterNode; readonly keys: readonly string[] }> {
  const primary = await cluster.primaryOf(`app::${key}`)
  const owners = await Promise.all(KEYS.map((one) => cluster.primaryOf(`app::${one}`)))
  return { primary, keys: KEYS.filter((_, index) => owners[index] === primary) }
}

/** Every primary has a replica that has what it has. One that came back a moment ago is filled anew first. */
async function replicated(): Promise<void> {
  const primaries = new Set(await Promise.all(KEYS.map((key) => cluster.primaryOf(`app::${key}`))))
  const counts = () => Promise.all([...primaries].map((node) => node.ask(['WAIT', '1', '1000'])))
  await expect.poll(async () => (await counts()).every(([count]) => Number(count) >= 1), { timeout: 20_000 }).toBe(true)
}

/** What happens while a node is away, which is back afterwards whatever came of it. */
async function without<Result>(node: LocalClusterNode, how: 'kill' | 'pause', run: () => Promise<Result>): Promise<Result> {
  await node[how]()
  try {
    return await run()
  } finally {
    if (how === 'kill') await node.restart()
    else node.resume()
    await cluster.untilUp()
  }
}

test.each(['reuse', 'per-invocation'] as const)('a planned failover fails no operation: %s', async (connection) => {
  const cache = await written(connection)
  const { keys } = await shardOf('key0')
  const load = traffic(cache, keys)
  await expect.poll(() => load.answers.length).toBeGreaterThan(20)
  await cluster.failover('app::key0')
  const { length } = load.answers
  await expect.poll(() => load.answers.length, { timeout: 20_000 }).toBeGreaterThan(length + 90)
  const answers = await load.end()
  expect(answers.filter(({ read, isWritten }) => read === 'degraded' || !isWritten)).toEqual([])
  await cache.close()
})

test('a Keyv store over a primary that was demoted goes on with the one in its place, and emits no error', async () => {
  const store = new KeyvFastmiss({ url: cluster.url, namespace: 'app', timeout: 2_000 })
  const errors: unknown[] = []
  store.on('error', (error) => errors.push(error))
  for (const key of KEYS) expect(await store.set(key, '{"value":"old"}')).toBe(true)
  const before = await cluster.primaryOf('app::key0')
  expect(await cluster.failover('app::key0')).not.toBe(before)
  expect(await before.ask(['ROLE'])).toEqual([expect.arrayContaining(['slave'])])
  for (const key of KEYS) {
    expect(await store.set(key, '{"value":"new"}')).toBe(true)
    expect(await store.get(key)).toBe('{"value":"new"}')
  }
  const walked: string[] = []
  for await (const [key] of store.iterator() as AsyncIterable<[string, string]>) walked.push(key)
  expect(walked.toSorted()).toEqual([...KEYS].toSorted())
  expect(errors).toEqual([])
  await store.disconnect()
})

test('a slot that moves key by key fails no operation', async () => {
  const cache = await written('per-invocation')
  const { primary, keys } = await shardOf('key0')
  const owners = await Promise.all(KEYS.map((key) => cluster.primaryOf(`app::${key}`)))
  const next = owners.find((node) => node !== primary)
  const slot = String(keySlot('app::key0'))
  const load = traffic(cache, ['key0', ...keys.slice(0, 2)])
  await expect.poll(() => load.answers.length).toBeGreaterThan(10)
  await next?.ask(['CLUSTER', 'SETSLOT', slot, 'IMPORTING', primary.id])
  await primary.ask(['CLUSTER', 'SETSLOT', slot, 'MIGRATING', next?.id ?? ''])
  // Not there any more, and not yet there: the answer is ASK.
  await primary.ask(['MIGRATE', '127.0.0.1', String(next?.port), '', '0', '5000', 'KEYS', 'app::key0'])
  const { length } = load.answers
  await expect.poll(() => load.answers.length, { timeout: 20_000 }).toBeGreaterThan(length + 30)
  for (const node of [next, primary]) await node?.ask(['CLUSTER', 'SETSLOT', slot, 'NODE', next?.id ?? ''])
  const moved = load.answers.length
  await expect.poll(() => load.answers.length, { timeout: 20_000 }).toBeGreaterThan(moved + 30)
  const answers = await load.end()
  expect(answers.filter(({ read, isWritten }) => read !== 'hit' || !isWritten)).toEqual([])
  await cache.close()
})

test.each(['kill', 'pause'] as const)('%s of a primary: every operation is bounded, and the takeover is seen within a cooldown', async (how) => {
  const cache = await written('reuse')
  const { primary, keys } = await shardOf('key1')
  await replicated()
  const load = traffic(cache, keys)
  await expect.poll(() => load.answers.length).toBeGreaterThan(10)
  const { takenOverAt, answers } = await without(primary, how, async () => {
    await cluster.failover('app::key1', 'takeover')
    const at = performance.now()
    await expect.poll(() => load.answers.at(-1)?.read, { timeout: 20_000 }).toBe('hit')
    await new Promise((resolve) => setTimeout(resolve, COOLDOWN))
    return { takenOverAt: at, answers: await load.end() }
  })
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(260 + SLACK)
  const failed = answers.filter(({ read, isWritten }) => read === 'degraded' || !isWritten)
  for (const { at } of failed) expect(at).toBeLessThan(takenOverAt + COOLDOWN + 100 + SLACK)
  await cache.close()
})

test('the nodes’ own failover is followed as well', async () => {
  const cache = await written('per-invocation')
  const { primary, keys } = await shardOf('key2')
  await replicated()
  const load = traffic(cache, keys)
  const { takenOverAt, answers } = await without(primary, 'kill', async () => {
    await expect.poll(async () => (await cluster.primaryOf('app::key2')) !== primary, { timeout: 20_000 }).toBe(true)
    const since = performance.now()
    await expect.poll(() => load.answers.some(({ at, isWritten }) => at > since && isWritten), { timeout: 20_000 }).toBe(true)
    return { takenOverAt: since, answers: await load.end() }
  })
  expect(answers.find(({ at, isWritten }) => at > takenOverAt && isWritten)?.at).toBeLessThan(takenOverAt + COOLDOWN + 1_000)
  await cache.close()
})

test('with readFrom: fallback no read fails after a refusal', async () => {
  // A refusal is told at once: a busy machine must not make a timeout of it.
  const cache = await written('reuse', { readFrom: 'fallback', timeout: 2_000 })
  const { primary, keys } = await shardOf('key3')
  await replicated()
  const seen: string[] = []
  await without(primary, 'kill', async () => {
    for (let turn = 0; turn < 30; turn += 1) {
      seen.push(
        ...(await Promise.all(keys.map((key) => cache.lookup(key)))).map((found) => (found.status === 'degraded' ? found.reason : found.status)),
      )
      seen.push(...(await cache.getMany(keys)).map((value) => (value === 'value' ? 'hit' : 'none')))
    }
    await cluster.failover('app::key3', 'takeover')
  })
  expect(new Set(seen)).toEqual(new Set(['hit']))
  await cache.close()
})

test('with readFrom: fallback at most one read a cooldown fails before a primary that is silent', async () => {
  const cache = await written('per-invocation', { readFrom: 'fallback' })
  const { primary, keys } = await shardOf('key4')
  await replicated()
  const seen: { readonly status: string; readonly ms: number }[] = []
  await without(primary, 'pause', async () => {
    const endAt = performance.now() + 1_000
    while (performance.now() < endAt) {
      const { value, ms } = await timed(() => cache.lookup(keys[0] ?? ''))
      seen.push({ status: value.status, ms })
    }
  })
  // The first finds out; each probe after a cooldown gets half of the time, and a replica the rest.
  expect(seen.filter(({ status }) => status !== 'hit').length).toBeLessThanOrEqual(1)
  expect(Math.max(...seen.map(({ ms }) => ms))).toBeLessThan(260 + SLACK)
  await cache.close()
})

test('an entry may come from a replica, the version of its tag never does', async () => {
  const cache = await written('per-invocation', { readFrom: 'fallback' })
  const keys = createKeys('app')
  const entryAt = await cluster.primaryOf('app::tagged')
  let tag = 't0'
  for (let at = 1; (await cluster.primaryOf(keys.reserved('tag', tag))) === entryAt; at += 1) tag = `t${at}`
  expect(await cache.set('tagged', 1, { tags: [tag] })).toBe(true)
  const versionAt = await cluster.primaryOf(keys.reserved('tag', tag))
  await replicated()
  const readWithout = (node: LocalClusterNode): Promise<readonly string[]> =>
    without(node, 'pause', async () => {
      const own = createCache({ url: cluster.url, namespace: 'app', readFrom: 'fallback', timeout: 1_000, cooldown: 5_000 })
      // The first read learns that the primary is out.
      return [(await own.lookup('tagged')).status, (await own.lookup('tagged')).status]
    })
  expect((await readWithout(entryAt))[1]).toBe('hit')
  expect((await readWithout(versionAt))[1]).toBe('degraded')
  await cache.close()
})
