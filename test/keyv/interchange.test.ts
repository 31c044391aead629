import { createCache } from 'fastmiss'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { startRedis, startUpstash } from 'fastmiss/testing'
import Keyv from 'keyv'
import { createClient } from 'redis'
import { expect, test, vi } from 'vitest'

const VALUES = [
  0,
  '',
  'text',
  ':colon',
  '😀',
  null,
  true,
  [1, ['😀']],
  { a: { b: ':' } },
  2n ** 70n,
  new Uint8Array([0, 127, 128, 255]),
  'x'.repeat(50_000),
]

test('what Keyv writes the facade reads, and the other way round, over both wires', async () => {
  await using redis = await startRedis()
  await using upstash = await startUpstash({ redis: redis.url })
  const tcp = { url: redis.url, namespace: 'app', timeout: 5_000 }
  const http = { url: upstash.url, token: upstash.token, namespace: 'app', timeout: 5_000 }
  for (const [one, other] of [
    [tcp, tcp],
    [tcp, http],
    [http, tcp],
  ] as const) {
    const keyv = new Keyv({ store: new KeyvFastmiss(one) })
    const cache = createCache(other)
    for (const [index, value] of VALUES.entries()) {
      expect(await keyv.set(`keyv${index}`, value, 60_000)).toBe(true)
      expect(plain(await cache.get(`keyv${index}`))).toEqual(plain(value))
      expect(await cache.set(`facade${index}`, value, { ttl: 60_000 })).toBe(true)
      expect(plain(await keyv.get(`facade${index}`))).toEqual(plain(value))
    }
    const found = await cache.lookup('keyv0')
    expect(found.status === 'hit' && found.ttl !== undefined && found.ttl > 50_000 && found.ttl <= 60_000).toBe(true)
    expect(await keyv.getRaw('facade0')).toMatchObject({ value: 0, expires: expect.any(Number) })
    expect(await cache.delete('keyv0')).toBe(true)
    expect(await keyv.has('keyv0')).toBe(false)
    expect(await keyv.delete('facade0')).toBe(true)
    expect(await cache.has('facade0')).toBe(false)
    await keyv.clear()
    expect(await cache.has('facade1')).toBe(false)
    await keyv.disconnect()
  }
})

test('keys as `new Keyv({ store: new KeyvRedis(url), namespace })` of Keyv 5 wrote them are read with keyFormat', async () => {
  await using redis = await startRedis()
  const raw = new Keyv({ store: new KeyvFastmiss(redis.url, { timeout: 5_000 }) })
  await raw.set('app::app:k', 'old')
  const store = new KeyvFastmiss(redis.url, { keyFormat: 'namespace::namespace:key', timeout: 5_000 })
  const keyv = new Keyv({ store, namespace: 'app' })
  expect(await keyv.get('k')).toBe('old')
  await keyv.set('new', 1)
  expect(await raw.get('app::app:new')).toBe(1)
  const keys: unknown[] = []
  for await (const [key] of keyv.iterator()) keys.push(key)
  expect(keys.map(String).toSorted((a, b) => a.localeCompare(b))).toEqual(['k', 'new'])
  await raw.set('app::other', 'stays')
  await keyv.clear()
  expect(await raw.getMany(['app::app:k', 'app::other'])).toEqual([undefined, 'stays'])
})

test('of what wrap stored, Keyv reads the value until the entry expires, tags or not, and writes a plain one over it', async () => {
  await using redis = await startRedis()
  const keyv = new Keyv({ store: new KeyvFastmiss(redis.url, { namespace: 'app', timeout: 5_000 }) })
  const cache = createCache({ url: redis.url, namespace: 'app', timeout: 5_000 })
  await cache.wrap('user', async () => ({ name: 'Ada' }), { ttl: 1, swr: 60_000, staleIfError: 120_000, tags: ['users'] })
  await cache.wrap('nobody', async () => undefined, { ttl: 60_000, negativeTtl: 60_000 })
  await cache.invalidateTags(['users'])
  expect(await cache.lookup('user')).toEqual({ status: 'miss' })
  expect(await keyv.getMany(['user', 'nobody'])).toEqual([{ name: 'Ada' }, null])
  expect(await keyv.has('nobody')).toBe(true)
  expect(await keyv.getRaw('user')).toMatchObject({ value: { name: 'Ada' }, expires: expect.any(Number) })
  const found = new Map<unknown, unknown>()
  for await (const [key, value] of keyv.iterator()) found.set(key, value)
  expect(found).toEqual(
    new Map<unknown, unknown>([
      ['user', { name: 'Ada' }],
      ['nobody', null],
    ]),
  )
  expect(await keyv.set('user', 'new')).toBe(true)
  expect(await cache.lookup('user')).toMatchObject({ status: 'hit', value: 'new', ttl: undefined })
  await keyv.clear()
  expect(await cache.hasMany(['user', 'nobody'])).toEqual([false, false])
  await keyv.disconnect()
})

test('what the cache compressed, Keyv reads expanded; what cannot be expanded is a miss and an error, never compressed text', async () => {
  await using redis = await startRedis()
  const cache = createCache({ url: redis.url, namespace: 'app', timeout: 5_000, compression: { threshold: 100 } })
  const keyv = new Keyv({ store: new KeyvFastmiss(redis.url, { namespace: 'app', timeout: 5_000 }) })
  const errors: unknown[] = []
  keyv.on('error', (error) => errors.push(error))
  const client = await createClient({ url: redis.url }).connect()
  await client.set('app::broken', '{"value":"AAAA","zip":true}')
  const value = { text: 'zip me '.repeat(1_000), bytes: new Uint8Array([0, 255]), colon: ':x', mark: '"zip":true' }
  expect(await cache.set('zipped', value, { ttl: 60_000 })).toBe(true)
  expect(await client.strLen('app::zipped')).toBeLessThan(1_000)
  expect(await keyv.get('zipped')).toEqual({ ...value, bytes: Buffer.from([0, 255]) })
  expect(await keyv.getRaw('zipped')).toMatchObject({ expires: expect.any(Number) })
  // A value of Keyv's own that only looks so.
  await keyv.set('own', { zip: true, text: '"zip":true' })
  expect(await keyv.getMany(['own', 'none', 'zipped'])).toMatchObject([{ zip: true }, undefined, { text: value.text }])
  expect(errors).toEqual([])
  const found = new Map<unknown, unknown>()
  for await (const [key, each] of keyv.iterator()) found.set(key, each)
  expect(new Set(found.keys())).toEqual(new Set(['own', 'zipped']))
  expect(found.get('zipped')).toMatchObject({ text: value.text })
  expect(await keyv.get('broken')).toBeUndefined()
  expect(errors).toMatchObject([{ code: 'decode' }, { code: 'decode' }])
  client.destroy()
  await keyv.disconnect()
})

test('expansion is inside the timeout of an operation: what there is no time for is a miss and an error', async () => {
  await using redis = await startRedis()
  const cache = createCache({ url: redis.url, namespace: 'app', timeout: 10_000, compression: true })
  const keys = Array.from({ length: 8 }, (_, index) => `k${index}`)
  await cache.setMany(keys.map((key) => ({ key, value: key.repeat(1_000_000) })))
  const timeout = 150
  const hasty = new KeyvFastmiss(createCache({ url: redis.url, namespace: 'app', timeout, connection: 'reuse' }))
  const errors: unknown[] = []
  hasty.on('error', (error) => errors.push(error))
  await hasty.getMany(Array.from({ length: 10 }, () => keys).flat())
  expect(errors).toMatchObject([{ code: 'timeout' }])
  await cache.close()
})

test('nor is there more time for it where the clock is set back meanwhile', async () => {
  await using redis = await startRedis()
  const timeout = 5_000
  const cache = createCache({ url: redis.url, timeout, connection: 'reuse', compression: { threshold: 100 } })
  expect(await cache.set('zipped', 'zip me '.repeat(1_000))).toBe(true)
  const store = new KeyvFastmiss(cache)
  const errors: unknown[] = []
  store.on('error', (error) => errors.push(error))
  const [date, monotonic] = [Date.now, performance.now.bind(performance)]
  const reading = store.get('zipped')
  // Redis took all of the time, and the clock was set back by an hour.
  vi.spyOn(Date, 'now').mockImplementation(() => date() - 3_600_000)
  vi.spyOn(performance, 'now').mockImplementation(() => monotonic() + timeout)
  expect(await reading).toBeUndefined()
  expect(errors).toMatchObject([{ code: 'timeout' }])
  vi.restoreAllMocks()
  await cache.close()
})

/** Keyv gives a Buffer where the facade gives a Uint8Array: the same bytes. */
function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value
}
