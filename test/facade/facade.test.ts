import { type Cache, type CacheEvent, type CacheOptions, createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { KeyvJsonSerializer } from 'keyv'
import { describe, expect, test } from 'vitest'

/** One contract for every way to a store. */
const STORES: readonly (readonly [name: string, options: Partial<CacheOptions>])[] = [
  ['memory', { url: 'memory:' }],
  ['tcp, a connection an invocation', { connection: 'per-invocation' }],
  ['tcp, a kept connection', { connection: 'reuse' }],
]

describe.each(STORES)('%s', (_name, options) => {
  async function started(more: Partial<CacheOptions> = {}) {
    const redis = options.url === 'memory:' ? undefined : await startRedis()
    const cache = createCache({ ...(redis === undefined ? {} : { url: redis.url }), namespace: 'app', timeout: 2_000, ...options, ...more })
    return { cache, [Symbol.asyncDispose]: async () => redis?.stop() }
  }

  test('gives back what was set, of every kind that JSON and Keyv know', async () => {
    await using given = await started()
    const { cache } = given
    const values = ['', 'text', ':text', '😀', 0, -1.5, true, false, null, [], {}, { a: [1, { b: ':' }] }, 2n ** 70n, new Uint8Array([0, 255])]
    expect(await cache.setMany(values.map((value, index) => ({ key: `k${index}`, value })))).toEqual(values.map(() => true))
    expect(await cache.getMany(values.map((_, index) => `k${index}`))).toEqual(values)
    expect(await cache.get('k1')).toBe('text')
  })

  test('answers by position, undefined for what is not there', async () => {
    await using given = await started()
    const { cache } = given
    await cache.set('b', 2)
    expect(await cache.getMany(['a', 'b', 'c', 'b'])).toEqual([undefined, 2, undefined, 2])
    expect(await cache.hasMany(['a', 'b'])).toEqual([false, true])
    expect(await cache.has('b')).toBe(true)
    expect(await cache.getMany([])).toEqual([])
    expect(await cache.setMany([])).toEqual([])
  })

  test('a delete is confirmed whether the key existed or not', async () => {
    await using given = await started()
    const { cache } = given
    await cache.set('a', 1)
    expect(await cache.delete('a')).toBe(true)
    expect(await cache.delete('a')).toBe(true)
    expect(await cache.deleteMany(['a', 'b'])).toEqual([true, true])
    expect(await cache.get('a')).toBeUndefined()
  })

  test('an entry ends with its time to live', async () => {
    await using given = await started({ ttl: 60_000 })
    const { cache } = given
    await cache.set('long', 1)
    await cache.set('short', 1, { ttl: 40 })
    const long = await cache.lookup('long')
    expect(long).toMatchObject({ status: 'hit', value: 1 })
    expect(long.status === 'hit' && long.ttl !== undefined && long.ttl > 50_000 && long.ttl <= 60_000).toBe(true)
    expect(long.status === 'hit' && long.age !== undefined && long.age >= 0 && long.age < 10_000).toBe(true)
    await expect.poll(() => cache.lookup('short')).toEqual({ status: 'miss' })
    expect(await cache.has('short')).toBe(false)
  })

  test('what cannot be read back is never stored and never reported as stored', async () => {
    await using given = await started()
    const { cache } = given
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    for (const value of [undefined, () => 1, Symbol('s'), cyclic]) expect(await cache.set('k', value)).toBe(false)
    expect(await cache.lookup('k')).toEqual({ status: 'miss' })
  })

  test('keys and values beyond the limits are refused before anything is sent', async () => {
    await using given = await started({ limits: { keyBytes: 20, valueBytes: 100 } })
    const { cache } = given
    expect(await cache.set('k', 'x'.repeat(200))).toBe(false)
    expect(
      await cache.setMany([
        { key: 'k'.repeat(30), value: 1 },
        { key: 'ok', value: 1 },
      ]),
    ).toEqual([false, true])
    // Eight umlauts are eight characters and sixteen bytes; with `app::` that is 21.
    expect(await cache.lookup('ü'.repeat(8))).toMatchObject({ status: 'degraded', reason: 'oversize' })
    expect(await cache.get('ok')).toBe(1)
  })

  test('50 concurrent writes before the connection is ready are all stored', async () => {
    await using given = await started()
    const { cache } = given
    const written = await Promise.all(Array.from({ length: 50 }, (_, index) => cache.set(`k${index}`, index)))
    expect(written).toEqual(written.map(() => true))
    expect(await cache.getMany(Array.from({ length: 50 }, (_, index) => `k${index}`))).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  test('one cache reads what another wrote; another namespace does not', async () => {
    await using given = await started()
    const { cache } = given
    await cache.set('k', 1)
    await using invocation = cache.invocation()
    expect(await invocation.get('k')).toBe(1)
    expect(await cache.health()).toMatchObject({ status: 'ok', transport: options.url === 'memory:' ? 'memory' : 'tcp' })
  })

  test('events tell hits, misses and writes, and never a key or a value', async () => {
    const events: CacheEvent[] = []
    await using given = await started({ onEvent: (event) => events.push(event) })
    const { cache } = given
    await cache.set('secret-key', 'secret-value')
    await cache.getMany(['secret-key', 'secret-miss'])
    expect(events.filter(({ type }) => !type.startsWith('connect'))).toMatchObject([
      { type: 'write', operation: 'set', count: 1 },
      { type: 'hit', operation: 'get', count: 1 },
      { type: 'miss', operation: 'get', count: 1 },
    ])
    expect(JSON.stringify(events)).not.toContain('secret')
  })

  test('a listener that throws disturbs nobody', async () => {
    await using given = await started({
      onEvent() {
        throw new Error('the listener fails')
      },
    })
    expect(await given.cache.set('k', 1)).toBe(true)
    expect(await given.cache.get('k')).toBe(1)
  })

  test('a serializer of the caller is used for reading and writing', async () => {
    const serializer = { stringify: (value: unknown) => `#${JSON.stringify(value)}`, parse: (text: string): unknown => JSON.parse(text.slice(1)) }
    await using given = await started({ serializer })
    expect(await given.cache.set('k', { a: 1 })).toBe(true)
    expect(await given.cache.get('k')).toEqual({ a: 1 })
  })
})

describe('stored entries', () => {
  async function withRaw(work: (cache: Cache, raw: (...args: string[]) => Promise<unknown>) => Promise<void>): Promise<void> {
    const { createClient } = await import('redis')
    await using redis = await startRedis()
    const client = createClient({ url: redis.url })
    await client.connect()
    try {
      await work(createCache({ url: redis.url, namespace: 'app', timeout: 2_000 }), (...args) => client.sendCommand(args))
    } finally {
      client.destroy()
    }
  }

  test("are Keyv's envelope under Keyv's key", () =>
    withRaw(async (cache, raw) => {
      await cache.set('k', { text: ':colon' }, { ttl: 60_000 })
      const text = String(await raw('GET', 'app::k'))
      expect(text).toMatch(/^\{"value":\{"text":"::colon"\},"expires":\d+,/)
      expect(new KeyvJsonSerializer().parse(text)).toMatchObject({ value: { text: ':colon' } })
      expect(Number(await raw('PTTL', 'app::k'))).toBeGreaterThan(50_000)
    }))

  test('of another writer are read: with and without expiry', () =>
    withRaw(async (cache, raw) => {
      await raw('SET', 'app::a', '{"value":"x"}')
      await raw('SET', 'app::b', `{"value":"y","expires":${Date.now() + 60_000}}`)
      await raw('SET', 'app::c', '{"value":"z","expires":null}')
      expect(await cache.getMany(['a', 'b', 'c'])).toEqual(['x', 'y', 'z'])
      expect(await cache.lookup('a')).toEqual({ status: 'hit', value: 'x', age: undefined, ttl: undefined, from: 'redis' })
    }))

  test('that are none are a miss for get, and lookup says why', () =>
    withRaw(async (cache, raw) => {
      const planted = ['{"value":1,"expires":"soon"}', '{"value":null,"none":true,"expires":"soon"}', '{"value":":bigint:x"}']
      for (const text of ['', 'plain', '{', '[]', 'null', '{"expires":1}', ...planted]) {
        await raw('SET', 'app::k', text)
        expect(await cache.get('k')).toBeUndefined()
        expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'decode' })
      }
      await raw('DEL', 'app::k')
      await raw('SADD', 'app::k', 'member')
      expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'reply' })
      expect(await cache.set('other', 1)).toBe(true)
    }))

  test('past their own expiry are a miss, even where Redis still holds them', () =>
    withRaw(async (cache, raw) => {
      await raw('SET', 'app::k', `{"value":1,"expires":${Date.now() - 1}}`)
      expect(await cache.lookup('k')).toEqual({ status: 'miss' })
    }))
})
