import type { CacheResult } from 'fastmiss'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { keySlot } from '../../../src/transport/cluster/key-slot.ts'
import { keysByNode, type ProxiedCluster, startProxied } from './support/proxied-cluster.ts'

let given: ProxiedCluster
let groups: readonly (readonly string[])[]

beforeAll(async () => {
  given = await startProxied({ replicas: 1, args: ['--cluster-require-full-coverage', 'no'] })
  groups = await keysByNode(given.cluster, 4)
  const cache = given.cache({ timeout: 5_000 })
  await cache.setMany(groups.flat().map((key) => ({ key, value: key })))
  await cache.close()
})
afterEach(() => given.heal())
afterAll(() => given[Symbol.asyncDispose]())

/** A cache as a user who may only what is named. */
async function as(rights: readonly string[], options: Parameters<ProxiedCluster['cache']>[0] = {}) {
  const rules = ['ACL', 'SETUSER', 'narrow', 'reset', 'on', '>pw', '~*', '+get', '+set', '+ping', ...rights]
  await Promise.all(given.cluster.nodes.map((node) => node.ask(rules)))
  return given.cache({ url: given.cluster.url.replace('//', '//narrow:pw@'), timeout: 2_000, ...options })
}

function reasonOf(found: CacheResult<unknown>): string {
  return found.status === 'degraded' ? found.reason : found.status
}

test('without the right to ask for the map it works by MOVED alone, and what needs every node says why it does not', async () => {
  const cache = await as(['+asking'])
  expect(await cache.getMany(groups.flat())).toEqual(groups.flat())
  expect(await cache.getMany(groups.flat())).toEqual(groups.flat())
  expect(await cache.clear()).toBe(false)
  expect(await cache.health()).toMatchObject({ status: 'degraded', reason: 'reply' })
  await cache.close()
})

test('without the right to MYID a seed by another name is one connection more, and nothing else', async () => {
  const cache = await as(['+cluster|slots', '+asking'])
  expect(await cache.getMany(groups.flat())).toEqual(groups.flat())
  expect(await cache.health()).toMatchObject({ status: 'ok', nodes: { up: 3, of: 3 } })
  await cache.close()
})

test('without ASKING a key that has just moved with its slot is an error reply, bounded, and the others are not', async () => {
  const cache = await as(['+cluster|slots', '+cluster|myid'])
  const [[moved = '', ...same] = [], [other = ''] = []] = groups
  const [from, to] = [await given.cluster.primaryOf(`app::${moved}`), await given.cluster.primaryOf(`app::${other}`)]
  const slot = String(keySlot(`app::${moved}`))
  await to.ask(['CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id])
  await from.ask(['CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id])
  // Not there any more, and not yet there: the answer is ASK.
  await from.ask(['MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', `app::${moved}`])
  try {
    const { dials } = given.count()
    expect(reasonOf(await cache.lookup(moved))).toMatch(/^(reply|auth)$/)
    expect(given.count().dials - dials).toBeLessThanOrEqual(3)
    expect(await cache.getMany([...same, other])).toEqual([...same, other])
  } finally {
    for (const node of [to, from]) await node.ask(['CLUSTER', 'SETSLOT', slot, 'NODE', to.id])
  }
  await expect.poll(() => cache.get(moved)).toBe(moved)
  await cache.close()
})

test('without the right to READONLY no replica is read from: the cause stands, and nobody waits for it twice', async () => {
  const cache = await as(['+cluster|slots', '+cluster|myid', '+asking'], { readFrom: 'fallback' })
  const [, , dead = []] = groups
  const living = groups.slice(0, 2)
  expect(await cache.getMany(groups.flat())).toEqual(groups.flat())
  await (await given.proxyOf(`app::${dead[0]}`)).set('refuse')
  await cache.close()
  expect(reasonOf(await cache.lookup(dead[0] ?? ''))).toBe('unreachable')
  expect(reasonOf(await cache.lookup(dead[1] ?? ''))).toBe('cooldown')
  expect(await cache.getMany(living.flat())).toEqual(living.flat())
  await cache.close()
})
