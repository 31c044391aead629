import { createCache } from 'fastmiss'
import { createKeyv, KeyvFastmiss, type KeyvFastmissOptions } from 'fastmiss/keyv'
import { faultProxy, startRedis } from 'fastmiss/testing'
import Keyv from 'keyv'
import { createClient } from 'redis'
import { expect, test } from 'vitest'

test('options of @keyv/redis and node-redis may stay where what they ask for is so here anyway', () => {
  const store = new KeyvFastmiss('redis://127.0.0.1:1', {
    connectionTimeout: 500,
    keyPrefixSeparator: '::',
    throwOnConnectError: false,
    throwOnErrors: false,
    useUnlink: true,
    noNamespaceAffectsAll: false,
    clearBatchSize: 100,
    disableOfflineQueue: true,
    pingInterval: 1_000,
    socket: { connectTimeout: 500, keepAlive: true, reconnectStrategy: () => 100 },
  })
  expect(store.namespace).toBeUndefined()
})

test.each<[unknown, RegExp]>([
  [{ keyPrefixSeparator: ':' }, /^keyPrefixSeparator: only "::"/],
  [{ throwOnConnectError: true }, /^throwOnConnectError: only false/],
  [{ throwOnErrors: true }, /^throwOnErrors: only false/],
  [{ useUnlink: false }, /^useUnlink: only true/],
  [{ noNamespaceAffectsAll: true }, /^noNamespaceAffectsAll: only false/],
  [{ socket: { host: 'localhost' } }, /^socket\.host: /],
  [{ socket: null }, /^socket: expected an object, got null/],
  [{ password: 1234 }, /^password: expected a string$/],
  [{ username: null }, /^username: expected a string/],
  [{ ttl: 1_000 }, /^ttl: is Keyv's own/],
  [{ serializer: JSON }, /^serializer: is Keyv's own/],
  [{ compression: true }, /^compression: is Keyv's own/],
  [{ keyv: 4 }, /^keyv: expected 5 or 6/],
  [{ keyFormat: 'x' }, /^keyFormat: expected/],
  [{ clearTimeout: 0 }, /^clearTimeout: expected/],
  [{ clearTimeout: 1.5 }, /^clearTimeout: expected/],
  [{ connectionTimeout: -1 }, /^connectTimeout: expected/],
  [{ database: 1 }, /^database: unknown option/],
  [{ password: 'planted', credentials: async () => ({}) }, /^password: is taken for credentials, which are given too/],
  [{ username: 'planted', credentials: async () => ({}) }, /^username: is taken for credentials, which are given too/],
  [{ namespace: 'a::b' }, /^namespace: must not contain/],
])('%j is refused in words', (options, message) => {
  expect(() => new KeyvFastmiss('redis://127.0.0.1:1', options as KeyvFastmissOptions)).toThrow(message)
})

test('a client of node-redis is refused in words, its createClient is taken', async () => {
  await using redis = await startRedis()
  // What a caller without types would do.
  expect(() => createKeyv(createClient({ url: redis.url }) as never)).toThrow(/got a client/)
  expect(await createKeyv({ url: redis.url, createClient, timeout: 5_000 }).set('k', 1)).toBe(true)
})

test('a cache that is there already lends its namespace, its limits and its connection, and is left alone by disconnect', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, namespace: 'app', connection: 'reuse', timeout: 2_000 })
  const store = new KeyvFastmiss(cache)
  expect(store.namespace).toBe('app')
  expect(await new Keyv({ store }).set('k', 1)).toBe(true)
  expect(await cache.get('k')).toBe(1)
  await store.disconnect()
  expect(await cache.get('k')).toBe(1)
  expect(proxy.counters.connections).toBe(1)
  expect(() => new KeyvFastmiss(cache, { timeout: 5 })).toThrow(/^timeout: belongs to createCache/)
  await cache.close()
})

test('several Keyvs over one cache share its connection and nothing else', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, connection: 'reuse', timeout: 2_000 })
  const [users, orders] = ['users', 'orders'].map((namespace) => createKeyv(cache, { namespace }))
  await Promise.all([users?.set('k', 1), orders?.set('k', 2)])
  await orders?.clear()
  expect([await users?.get('k'), await orders?.get('k')]).toEqual([1, undefined])
  expect(proxy.counters.connections).toBe(1)
  await cache.close()
})

test('a store may live on an invocation, whose end is the end of its answers', async () => {
  await using redis = await startRedis()
  const cache = createCache({ url: redis.url, timeout: 2_000 })
  const invocation = cache.invocation()
  const keyv = createKeyv(invocation, { namespace: 'app' })
  expect(await keyv.set('k', 1)).toBe(true)
  await invocation.close()
  const errors: unknown[] = []
  keyv.on('error', (error) => errors.push(error))
  expect(await keyv.get('k')).toBeUndefined()
  expect(errors).toMatchObject([{ code: 'closed' }])
})

test('user name and password of node-redis reach Redis', async () => {
  await using redis = await startRedis({ password: 'sesame' })
  const url = `redis://127.0.0.1:${redis.port}`
  expect(await createKeyv({ url, password: 'sesame', timeout: 2_000 }).set('k', 1)).toBe(true)
  expect(await createKeyv({ url, username: 'default', password: 'sesame', timeout: 2_000 }).get('k')).toBe(1)
  expect(await createKeyv({ url, password: 'wrong', timeout: 2_000 }).get('k')).toBeUndefined()
  const admin = await createClient({ url: redis.url }).connect()
  await admin.sendCommand(['ACL', 'SETUSER', 'guest', 'on', 'nopass', '~*', '+@all'])
  expect(await createKeyv({ url, username: 'guest', timeout: 2_000 }).get('k')).toBe(1)
  admin.destroy()
})

test('keys are unlinked, as by @keyv/redis: a user who may not DEL deletes', async () => {
  await using redis = await startRedis()
  const admin = await createClient({ url: redis.url }).connect()
  await admin.sendCommand(['ACL', 'SETUSER', 'guest', 'on', 'nopass', '~*', '+@all', '-del'])
  const store = new KeyvFastmiss({ url: redis.url, username: 'guest', timeout: 2_000 })
  const errors: unknown[] = []
  store.on('error', (error) => errors.push(error))
  expect(await store.set('k', 'x')).toBe(true)
  expect(await store.delete('k')).toBe(true)
  expect(
    await store.setMany([
      { key: 'a', value: 'x' },
      { key: 'b', value: 'x' },
    ]),
  ).toEqual([true, true])
  expect(await store.set('a', 'x', Date.now() - 1)).toBe(true)
  expect(await store.deleteMany(['a', 'b'])).toEqual([false, true])
  await store.clear()
  expect(errors).toEqual([])
  admin.destroy()
})
