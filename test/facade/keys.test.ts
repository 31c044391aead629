import { createCache, type KeyList } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { tcp } from 'fastmiss/tcp'
import { describe, expect, test } from 'vitest'
import { createCache as createEdgeCache } from '../../src/index.workerd.ts'
import { startWires, WIRES } from './support/every-wire.ts'

const open = startWires()

async function all(keys: KeyList): Promise<string[]> {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return [...new Set(found)].toSorted()
}

describe.each(WIRES)('keys and clear over %s', (wire) => {
  test('keys are those of the namespace, and with a prefix those that begin with it, to the letter', async () => {
    const cache = open(wire)
    const keys = ['user:1', 'user:2', 'user*', 'users', 'page::1', 'ü😀', '[a]', 'a']
    await cache.setMany(keys.map((key) => ({ key, value: 1, tags: ['x'] })))
    await cache.namespace('inner').set('inner', 1)
    expect(await all(cache.keys())).toEqual(keys.toSorted())
    expect(await all(cache.keys({ prefix: 'user:' }))).toEqual(['user:1', 'user:2'])
    expect(await all(cache.keys({ prefix: 'user*' }))).toEqual(['user*'])
    expect(await all(cache.keys({ prefix: '[a]' }))).toEqual(['[a]'])
    expect(await all(cache.keys({ prefix: 'none' }))).toEqual([])
  })

  test('clear with a prefix deletes those entries, and no others', async () => {
    const cache = open(wire)
    await cache.setMany(['user:1', 'user:2', 'user*', 'other'].map((key) => ({ key, value: 1, tags: ['x'] })))
    expect(await cache.clear({ prefix: 'user:', timeout: 5_000 })).toBe(true)
    expect(await all(cache.keys())).toEqual(['other', 'user*'])
    expect(await cache.get('other')).toBe(1)
    expect(await cache.clear({ prefix: '', timeout: 5_000 })).toBe(true)
    expect(await all(cache.keys())).toEqual([])
  })

  test('3,000 keys come in pages', async () => {
    const cache = open(wire)
    const keys = Array.from({ length: 3_000 }, (_, index) => `k${index}`)
    await cache.setMany(keys.map((key) => ({ key, value: 1 })))
    expect(await all(cache.keys())).toEqual(keys.toSorted())
    // A consumer that stops early leaves nothing open.
    for await (const key of cache.keys()) {
      expect(keys).toContain(key)
      break
    }
    await cache.clear({ timeout: 5_000 })
  })
})

test('without a namespace a prefix whose keys may be those of another one is refused', async () => {
  const cache = createCache({ url: 'memory:' })
  expect(() => cache.keys({ prefix: 'app::' })).toThrow(/prefix: .*namespace/)
  await expect(cache.clear({ prefix: 'app::' })).rejects.toThrow(/prefix: .*namespace/)
  expect(() => createCache({ url: 'memory:', namespace: 'app' }).keys({ prefix: 'a::' })).not.toThrow()
  // @ts-expect-error a number is no prefix
  expect(() => cache.keys({ prefix: 1 })).toThrow('prefix: expected a string, got 1')
  // @ts-expect-error an option of another library
  expect(() => cache.keys({ pattern: '*' })).toThrow('pattern: unknown option')
})

test('a Redis that is away ends the list within the timeout, with one connection at most, and the list says why', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, timeout: 200 })
  await cache.preload()
  const healthy = cache.keys()
  expect(await all(healthy)).toEqual([])
  expect(healthy.failure).toBeUndefined()
  await proxy.set('silent')
  const before = proxy.counters.connections
  const silent = cache.keys()
  const startedAt = performance.now()
  expect(await all(silent)).toEqual([])
  expect(performance.now() - startedAt).toBeLessThan(400)
  expect(silent.failure).toMatchObject({ code: 'timeout' })
  const cooling = cache.keys()
  expect(await all(cooling)).toEqual([])
  expect(cooling.failure).toMatchObject({ code: 'cooldown' })
  expect(proxy.counters.connections - before).toBeLessThanOrEqual(1)
})

test('a signal ends the list', async () => {
  const cache = open('tcp')
  const list = cache.keys({ signal: AbortSignal.abort() })
  expect(await all(list)).toEqual([])
  expect(list.failure).toMatchObject({ code: 'aborted' })
})

test('on an edge a page is an operation of its own, and no connection is left open', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createEdgeCache({ transport: tcp(proxy.url), timeout: 2_000, namespace: 'app' })
  await cache.set('a', 1)
  await cache.namespace('inner').set('b', 2)
  expect(await all(cache.keys())).toEqual(['a'])
  expect(await all(cache.namespace('inner').keys())).toEqual(['b'])
  await proxy.until(({ open: live }) => live === 0)
  await using invocation = cache.invocation()
  expect(await all(invocation.keys())).toEqual(['a'])
})
