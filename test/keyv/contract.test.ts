import { createCache } from 'fastmiss'
import { createKeyv, KeyvFastmiss, type KeyvFastmissOptions } from 'fastmiss/keyv'
import { startRedis, startUpstash } from 'fastmiss/testing'
import Keyv, { type KeyvStorageAdapter } from 'keyv'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'
import { sharedCluster } from '../support/shared-cluster.ts'
import { collect } from './support/collect.ts'

/** One contract for every way to a store. */
const WIRES = ['memory', 'tcp', 'tcp, a connection an invocation', 'upstash', 'cluster'] as const

describe.each(WIRES)('the contract of Keyv 6, asked of the store itself: %s', (wire) => {
  async function started(options: KeyvFastmissOptions = {}) {
    const ends: (() => Promise<void>)[] = []
    async function target(): Promise<KeyvFastmissOptions> {
      if (wire === 'memory') return { url: 'memory:' }
      if (wire === 'cluster') return { url: (await sharedCluster()).url }
      const redis = await startRedis()
      ends.unshift(() => redis.stop())
      if (wire === 'tcp') return { url: redis.url }
      if (wire !== 'upstash') return { url: redis.url, connection: 'per-invocation' }
      const upstash = await startUpstash({ redis: redis.url })
      ends.unshift(() => upstash.stop())
      return { url: upstash.url, token: upstash.token }
    }
    const store = new KeyvFastmiss({ timeout: 5_000, ...(await target()), ...options })
    const errors: unknown[] = []
    store.on('error', (error) => errors.push(error))
    return {
      store,
      errors,
      [Symbol.asyncDispose]: async () => {
        await store.disconnect()
        for (const end of ends) await end()
      },
    }
  }

  test('what is set is there as it was set, until it is deleted', async () => {
    await using given = await started()
    const { store } = given
    expect(await store.get('a')).toBeUndefined()
    expect(await store.set('a', '{"value":"1"}')).toBe(true)
    expect(await store.get('a')).toBe('{"value":"1"}')
    expect(await store.has('a')).toBe(true)
    expect(await store.delete('a')).toBe(true)
    expect(await store.delete('a')).toBe(false)
    expect(await store.has('a')).toBe(false)
    expect(await store.get('a')).toBeUndefined()
    expect(given.errors).toEqual([])
  })

  test('batches answer by position, holes included', async () => {
    await using given = await started({ namespace: 'app' })
    const { store } = given
    expect(
      await store.setMany([
        { key: 'a', value: '1' },
        { key: 'b', value: '2', expires: Date.now() + 60_000 },
      ]),
    ).toEqual([true, true])
    expect(await store.getMany(['x', 'a', 'y', 'b', 'a'])).toEqual([undefined, '1', undefined, '2', '1'])
    expect(await store.hasMany(['x', 'b', 'y'])).toEqual([false, true, false])
    expect(await store.deleteMany(['x', 'a', 'y'])).toEqual([false, true, false])
    for (const none of [store.getMany([]), store.setMany([]), store.hasMany([]), store.deleteMany([])]) expect(await none).toEqual([])
  })

  test('an entry ends at the instant that Keyv names: past, fractional, very far or never', async () => {
    await using given = await started()
    const { store } = given
    const now = Date.now()
    await store.set('past', 'old')
    expect(await store.set('past', 'new', now - 1)).toBe(true)
    expect(await store.get('past')).toBeUndefined()
    expect(
      await store.setMany([
        { key: 'gone', value: '1', expires: now - 1_000 },
        { key: 'here', value: '1' },
      ]),
    ).toEqual([true, true])
    expect(await store.hasMany(['gone', 'here'])).toEqual([false, true])
    for (const expires of [now + 60_000.5, Number.MAX_SAFE_INTEGER, 1e18, 1e300, Infinity, Number.NaN, undefined]) {
      expect(await store.set(`k${expires}`, 'x', expires)).toBe(true)
      expect(await store.get(`k${expires}`)).toBe('x')
    }
    await store.set('soon', 'x', Date.now() + 40.5)
    await expect.poll(() => store.get('soon')).toBeUndefined()
    expect(given.errors).toEqual([])
  })

  test('a time to live instead of an instant is refused: it would lose the entry', async () => {
    await using given = await started()
    const { store } = given
    await store.set('a', 'kept')
    await expect(store.set('a', 'x', 60_000)).rejects.toThrow(/keyv: 5/)
    await expect(store.setMany([{ key: 'a', value: 'x', ttl: 60_000 }])).rejects.toThrow(/keyv: 5/)
    expect(await store.get('a')).toBe('kept')
  })

  test('an instant that is long past is one, and deletes what is stored', async () => {
    await using given = await started()
    const { store } = given
    for (const expires of [1, 0, -1, 999.5, 1_000, 60_000, Date.now() - 1]) {
      await store.set('a', 'old')
      expect(await store.set('a', `{"value":1,"expires":${expires}}`, expires)).toBe(true)
      expect(await store.get('a')).toBeUndefined()
    }
    await store.set('a', 'old')
    expect(await store.set('a', 'x', 1)).toBe(true)
    expect(await store.setMany([{ key: 'a', value: 'x', expires: 1 }])).toEqual([true])
    expect(await store.has('a')).toBe(false)
    const keyv = new Keyv({ store })
    expect(await keyv.setRaw('a', { value: 1, expires: 60_000 })).toBe(true)
    expect(await keyv.get('a')).toBeUndefined()
    expect(given.errors).toEqual([])
  })

  test('one store under two Keyvs of different namespaces is refused', async () => {
    await using given = await started()
    const first = new Keyv({ store: given.store, namespace: 'first' })
    await first.set('k', 1)
    expect(() => new Keyv({ store: given.store, namespace: 'second' })).toThrow(/^store: two Keyvs have it/)
    expect(await first.get('k')).toBe(1)
    first.namespace = 'other'
    expect(await first.get('k')).toBeUndefined()
  })

  test('namespaces that contain each other share nothing, not even a clear', async () => {
    await using given = await started()
    const { store } = given
    const namespaces = [undefined, 'a', 'a:b', 'aa', 'b', 'a*', 'a?', '[a]', 'a\\', '*', 'ключ']
    for (const namespace of namespaces) {
      store.namespace = namespace
      await store.setMany(['k', 'a:b', '*'].map((key) => ({ key, value: `${namespace} ${key}` })))
    }
    for (const cleared of namespaces) {
      store.namespace = cleared
      await store.clear()
      expect(await store.getMany(['k', 'a:b', '*'])).toEqual([undefined, undefined, undefined])
      for (const namespace of namespaces.slice(namespaces.indexOf(cleared) + 1)) {
        store.namespace = namespace
        expect(await store.getMany(['k', '*'])).toEqual([`${namespace} k`, `${namespace} *`])
      }
    }
    expect(given.errors).toEqual([])
  })

  test('a namespace that could be taken for the key of another is refused', async () => {
    await using given = await started()
    for (const namespace of ['a::b', ':a', 'a:']) {
      expect(() => new Keyv({ store: given.store, namespace })).toThrow(/namespace: must not/)
    }
    given.store.namespace = ''
    expect(given.store.namespace).toBeUndefined()
  })

  test('the iterator gives the keys of its namespace without the prefix, all of them', async () => {
    await using given = await started({ namespace: 'app' })
    const { store } = given
    const keys = Array.from({ length: 1_234 }, (_, index) => `key::${index}`)
    await store.setMany(keys.map((key) => ({ key, value: `v${key}` })))
    const other = new KeyvFastmiss({ url: 'memory:' })
    expect(await collect(other.iterator())).toEqual([])
    store.namespace = 'app2'
    await store.set('not mine', 'x')
    store.namespace = 'app'
    const found = new Map(await collect(store.iterator()))
    expect([...found.keys()].sort()).toEqual(keys.toSorted())
    expect([...found.values()].every((value) => value.startsWith('vkey::'))).toBe(true)
    store.namespace = undefined
    await store.set('plain', 'x')
    expect(await collect(store.iterator())).toEqual([['plain', 'x']])
  })

  test('the iterator reads large values in small batches', { timeout: 30_000 }, async () => {
    await using given = await started({ namespace: 'large' })
    const { store, errors } = given
    // Together more than one answer over REST may hold.
    const keys = Array.from({ length: 60 }, (_, index) => `k${index}`)
    for (const key of keys) await store.set(key, key.padEnd(400_000, '.'))
    const found = new Map(await collect(store.iterator()))
    expect([...found.keys()].sort()).toEqual(keys.toSorted())
    expect([...found].every(([key, text]) => text.length === 400_000 && text.startsWith(`${key}.`))).toBe(true)
    expect(errors).toEqual([])
  })

  test('fifty sets on a cold store are all kept', async () => {
    await using given = await started({ namespace: 'cold' })
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`)
    expect(await Promise.all(keys.map((key) => given.store.set(key, key)))).toEqual(keys.map(() => true))
    expect(await Promise.all(keys.map((key) => given.store.get(key)))).toEqual(keys)
  })

  test('what is beyond the limits, or is no text, is refused by one event and false', async () => {
    await using given = await started({ limits: { keyBytes: 100, valueBytes: 1_000 } })
    const { store, errors } = given
    expect(await store.set('k'.repeat(101), 'x')).toBe(false)
    expect(await store.set('k', 'x'.repeat(1_001))).toBe(false)
    expect(await store.set('k', { value: 1 })).toBe(false)
    expect(await store.set(':!fm:http:k', 'planted')).toBe(false)
    // In Redis it would be the key of others too.
    expect(await store.set('k\uD800', 'x')).toBe(false)
    expect(errors.map((error) => (error as { code?: unknown }).code)).toEqual(['oversize', 'oversize', 'decode', 'decode', 'decode'])
  })

  test('through Keyv, every value that its serializer knows comes back', async () => {
    await using given = await started()
    const keyv = new Keyv({ store: given.store, namespace: 'app' })
    const values = [0, '', ':colon', '😀', null, false, [1, [2]], { a: { b: ':' } }, 2n ** 70n, Buffer.from([0, 128, 255]), 'x'.repeat(100_000)]
    for (const [index, value] of values.entries()) {
      expect(await keyv.set(`k${index}`, value, 60_000)).toBe(true)
      expect(await keyv.get(`k${index}`)).toEqual(value)
    }
    expect(await keyv.getMany(['k0', 'none', 'k2'])).toEqual([0, undefined, ':colon'])
    expect(new Map(await collect(keyv.iterator() as AsyncGenerator<[string, unknown]>)).size).toBe(values.length)
    await keyv.clear()
    expect(await keyv.has('k0')).toBe(false)
  })
})

test('the end that Keyv names is that of Redis; no ttl means no expiry, whatever the cache beneath has for a default', async () => {
  await using redis = await startRedis()
  const plain = await createClient({ url: redis.url }).connect()
  const store = new KeyvFastmiss(createCache({ url: redis.url, ttl: 1_000, timeout: 5_000 }))
  const at = Date.now()
  expect(await store.set('never', 'x')).toBe(true)
  expect(await new Keyv({ store }).set('never, through Keyv', 1)).toBe(true)
  expect(await store.set('too far', 'x', 1e300)).toBe(true)
  expect(await store.set('a minute', 'x', at + 60_000.5)).toBe(true)
  expect(await store.setMany([{ key: 'far', value: 'x', expires: Number.MAX_SAFE_INTEGER }])).toEqual([true])
  const ttl = async (key: string): Promise<number> => plain.pTTL(key)
  expect([await ttl('never'), await ttl('never, through Keyv'), await ttl('too far')]).toEqual([-1, -1, -1])
  expect(await ttl('a minute')).toBeGreaterThan(50_000)
  expect(await ttl('a minute')).toBeLessThanOrEqual(60_001)
  expect(await ttl('far')).toBeGreaterThan(Number.MAX_SAFE_INTEGER - at - 60_000)
  plain.destroy()
})

test('Keyv 6 takes the store as it is, without a bridge, and keeps its namespace', () => {
  const store = new KeyvFastmiss('memory:', { namespace: 'mine' })
  const typed: KeyvStorageAdapter = store
  expect(new Keyv({ store: typed }).store).toBe(store)
  expect(new Keyv({ store }).namespace).toBe('mine')
  expect(createKeyv('memory:', { namespace: 'mine' }).namespace).toBe('mine')
  expect(createKeyv('memory:').namespace).toBeUndefined()
})
