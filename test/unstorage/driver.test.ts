import { createCache } from 'fastmiss'
import { type LocalRedis, type LocalUpstash, startRedis, startUpstash } from 'fastmiss/testing'
import fastmiss, { type DriverOptions } from 'fastmiss/unstorage'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import edgeDriver from '../../src/unstorage/index.workerd.ts'
import { unstorage } from './support/unstorage.ts'

const { createStorage, prefixStorage, snapshot, restoreSnapshot } = unstorage

let redis: LocalRedis
let upstash: LocalUpstash
beforeAll(async () => {
  redis = await startRedis()
  upstash = await startUpstash({ redis: redis.url })
})
afterAll(async () => {
  await upstash.stop()
  await redis.stop()
})

const WIRES: readonly (readonly [name: string, options: () => DriverOptions & object])[] = [
  ['memory', () => ({ url: 'memory:' })],
  ['tcp', () => ({ url: redis.url })],
  ['http', () => ({ url: upstash.url, token: upstash.token })],
]

/** In the manner of the suite that unstorage runs its own drivers through. */
describe.each(WIRES)('a storage over %s', (wire, options) => {
  let made = 0
  const open = (more: Partial<DriverOptions> = {}) =>
    createStorage({ driver: fastmiss({ timeout: 5_000, ...options(), namespace: `${wire}${(made += 1)}`, ...more }) })

  test('what was never set is null, and is not there', async () => {
    const storage = open()
    expect([await storage.hasItem('a'), await storage.getItem('a'), await storage.getItemRaw('a')]).toEqual([false, null, null])
    expect(await storage.getKeys()).toEqual([])
    await storage.removeItem('a')
  })

  test('values come back as they were: text, numbers, booleans, objects, and strings that look like them', async () => {
    const storage = open()
    const values = ['text', '', 'ß😀', 0, 1.5, true, false, { a: [1, null, { b: 'c' }] }, ['x'], '{"looks":"like JSON"', ':base64:no']
    for (const value of values) {
      await storage.setItem('s1:a', value)
      expect(await storage.getItem('s1:a')).toEqual(value)
      expect(await storage.hasItem('s1:a')).toBe(true)
    }
    await storage.setItem('s1:a', undefined)
    expect(await storage.hasItem('s1:a')).toBe(false)
  })

  test('keys are listed and cleared by base, and other bases and namespaces are left alone', async () => {
    const driver = fastmiss({ timeout: 5_000, ...options(), namespace: `${wire}-bases` })
    const [storage, other] = [createStorage({ driver }), open()]
    await other.setItem('s1:a', 'other')
    for (const key of ['s1:a', 's1:b:c', 's2:a', 's10:a', 'root']) await storage.setItem(key, key)
    expect((await storage.getKeys()).toSorted()).toEqual(['root', 's10:a', 's1:a', 's1:b:c', 's2:a'])
    expect((await storage.getKeys('s1')).toSorted()).toEqual(['s1:a', 's1:b:c'])
    expect(await storage.getKeys('s1', { maxDepth: 1 })).toEqual(['s1:a'])
    // unstorage itself hands a base on to the drivers that are mounted beneath it, and to no other.
    await driver.clear('s1')
    expect((await storage.getKeys()).toSorted()).toEqual(['root', 's10:a', 's2:a'])
    expect(await driver.getKeys('s2:')).toEqual(['s2:a'])
    await storage.clear()
    expect([await storage.getKeys(), await other.getKeys()]).toEqual([[], ['s1:a']])
  })

  test('several items are set and read at once, by position, and what is not there is null', async () => {
    const storage = open()
    await storage.setItems([
      { key: 'a', value: 1 },
      { key: 'b', value: { c: 2 } },
    ])
    expect(await storage.getItems(['b', 'none', { key: 'a' }])).toEqual([
      { key: 'b', value: { c: 2 } },
      { key: 'none', value: null },
      { key: 'a', value: 1 },
    ])
  })

  test('raw bytes and text come back as they were', async () => {
    const storage = open()
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    await storage.setItemRaw('bytes', bytes)
    expect(await storage.getItemRaw('bytes')).toEqual(bytes)
    await storage.setItemRaw('text', '{"a":1}')
    expect(await storage.getItemRaw('text')).toBe('{"a":1}')
  })

  test('a ttl is in seconds, of one item or of all, and 0 is none', async () => {
    const storage = open()
    await storage.setItem('short', 1, { ttl: 0.05 })
    await storage.setItems([{ key: 'both', value: 1, options: { ttl: 100 } }], { ttl: 0.05 })
    await storage.setItems([{ key: 'common', value: 1 }], { ttl: 0.05 })
    await storage.setItemRaw('raw', 1, { ttl: 0.05 })
    await storage.setItem('long', 1, { ttl: 100 })
    await storage.setItem('endless', 1, { ttl: 0 })
    await expect.poll(() => Promise.all(['short', 'common', 'raw'].map((key) => storage.getItem(key)))).toEqual([null, null, null])
    expect((await storage.getMeta('long', { nativeOnly: true }))['ttl']).toBe(100)
    expect((await storage.getMeta('both'))['ttl']).toBe(100)
    expect((await storage.getMeta('endless'))['ttl']).toBeUndefined()
  })

  test('meta says when an item was written, together with what the caller added', async () => {
    const storage = open()
    const before = Date.now()
    await storage.setItem('a', 1)
    await storage.setMeta('a', { owner: 'me' })
    const { mtime, owner } = await storage.getMeta('a')
    expect(owner).toBe('me')
    expect(mtime).toBeInstanceOf(Date)
    expect(Math.abs(Number(mtime) - before)).toBeLessThan(5_000)
    expect(await storage.getMeta('none')).toEqual({})
    await storage.removeItem('a', { removeMeta: true })
    expect(await storage.getKeys()).toEqual([])
  })

  test('it can be mounted, prefixed, and taken a snapshot of', async () => {
    const storage = open()
    storage.mount('cache', fastmiss({ ...options(), namespace: `${wire}-mounted`, timeout: 5_000 }))
    await prefixStorage(storage, 'cache:users').setItem('1', 'Ada')
    expect(await storage.getKeys('cache')).toEqual(['cache:users:1'])
    const taken = await snapshot(storage, 'cache')
    expect(taken).toEqual({ 'users:1': 'Ada' })
    await storage.clear('cache')
    await restoreSnapshot(storage, taken, 'cache')
    expect(await storage.getItem('cache:users:1')).toBe('Ada')
    await storage.clear('cache')
  })
})

test('a cache that is there already serves as well, a namespace within it too, and is not closed', async () => {
  const cache = createCache({ url: redis.url, namespace: 'app' })
  const storage = createStorage({ driver: fastmiss({ cache: cache.namespace('storage') }) })
  await storage.setItem('a', 'text')
  expect([await cache.get('a'), await cache.namespace('storage').get('a')]).toEqual([undefined, 'text'])
  await storage.dispose()
  expect(await cache.set('a', 1)).toBe(true)
  expect(() => fastmiss({ cache, url: redis.url, timeout: 1 })).toThrow(/unknown option/)
  // @ts-expect-error a client is no cache
  expect(() => fastmiss({ cache: {} })).toThrow('cache: expected what createCache()')
  expect(() => fastmiss({ url: redis.url, scanTimeout: 0 })).toThrow('scanTimeout: expected whole milliseconds')
  expect(() => edgeDriver({ url: redis.url })).toThrow(TypeError)
  expect(await edgeDriver({ url: upstash.url, token: upstash.token, namespace: 'app', timeout: 5_000 }).getItem('a')).toBe(1)
})

test('what Nitro hands on of its configuration is taken, the name of the driver included', async () => {
  const storage = unstorage.createStorage({ driver: fastmiss({ driver: 'fastmiss/unstorage', url: 'memory:', namespace: 'app' }) })
  await storage.setItem('a', 1)
  expect(await storage.getItem('a')).toBe(1)
  await storage.dispose()
})

test('without an address the environment is read at the first call, and not when the driver is made', async () => {
  await using redis = await startRedis()
  for (const name of ['REDIS_URL', 'UPSTASH_REDIS_REST_URL', 'KV_REST_API_URL']) vi.stubEnv(name, '')
  const driver = fastmiss({ driver: 'fastmiss/unstorage', namespace: 'app' })
  await expect(driver.getItem('a')).rejects.toThrow('fromEnv: no Redis is configured')
  vi.stubEnv('REDIS_URL', redis.url)
  await driver.setItem('a', 'value')
  vi.unstubAllEnvs()
  expect(await driver.getItem('a')).toBe('value')
  expect(await createCache({ url: redis.url, namespace: 'app' }).get('a')).toBe('value')
  await driver.dispose()
  // A wrong option is told at once all the same.
  expect(() => fastmiss({ timeout: 0 })).toThrow('timeout')
  expect(() => fastmiss({ nonsense: 1 } as never)).toThrow('nonsense: unknown option')
})
