import { createCache, type CacheOptions } from 'fastmiss'
import { faultProxy, type LocalRedis, startRedis } from 'fastmiss/testing'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const PASSWORD = 'p@ss w/:?#%ü'
const ENCODED = encodeURIComponent(PASSWORD)

let redis: LocalRedis
let tls: LocalRedis
beforeAll(async () => {
  redis = await startRedis({ password: PASSWORD, unixSocket: true, args: ['--bind', '127.0.0.1', '::1'] })
  tls = await startRedis({ password: PASSWORD, tls: true })
})
afterAll(async () => {
  await redis.stop()
  await tls.stop()
})

/** What a cache makes of one write and one read. */
async function outcome(options: CacheOptions) {
  const cache = createCache({ timeout: 3_000, ...options })
  const isStored = await cache.set('key', 'value')
  const found = await cache.lookup('key')
  return { isStored, status: found.status, ...(found.status === 'degraded' ? { reason: found.reason, cause: found.error.cause } : {}) }
}

const ADDRESSES: readonly (readonly [name: string, options: () => CacheOptions])[] = [
  ['a percent-encoded password', () => ({ url: `redis://:${ENCODED}@127.0.0.1:${redis.port}` })],
  ['user name and password', () => ({ url: `redis://default:${ENCODED}@localhost:${redis.port}` })],
  ['an IPv6 address', () => ({ url: `redis://:${ENCODED}@[::1]:${redis.port}` })],
  ['a database number', () => ({ url: `redis://:${ENCODED}@127.0.0.1:${redis.port}/3` })],
  ['a database number behind the ?', () => ({ url: `redis://:${ENCODED}@127.0.0.1:${redis.port}?db=3` })],
  ['a unix socket with credentials', () => ({ url: `unix://${redis.socketPath}`, credentials: async () => ({ password: PASSWORD }) })],
  ['a unix socket with a password and a database in the URL', () => ({ url: `unix://:${ENCODED}@${redis.socketPath}?db=2` })],
  ['TLS', () => ({ url: tls.url, tls: { ca: tls.ca } })],
  ['TLS to an address', () => ({ url: tls.url.replace('localhost', '127.0.0.1'), tls: { ca: tls.ca } })],
  ["the caller's createClient", () => ({ url: redis.url, createClient })],
]

test.each(ADDRESSES)('%s leads to Redis', async (_name, options) => {
  expect(await outcome(options())).toEqual({ isStored: true, status: 'hit' })
})

test('each database has its own entries', async () => {
  const caches = ['/1', '/2', '?db=1', '/1/?db=1'].map((place) => createCache({ url: redis.url + place, namespace: 'own', timeout: 3_000 }))
  expect(await caches[0]?.set('key', 'one')).toBe(true)
  const found = await Promise.all(caches.map((cache) => cache.lookup('key')))
  expect(found.map(({ status }) => status)).toEqual(['hit', 'miss', 'hit', 'hit'])
})

describe('a handshake that Redis refuses', () => {
  test('a database that does not exist: nothing is written to another one, and nothing reported as written', async () => {
    const namespace = 'refused'
    const cache = createCache({ url: `${redis.url}/99`, namespace, timeout: 3_000 })
    expect(await cache.set('key', 'astray')).toBe(false)
    const found = await createCache({ url: `${redis.url}/99`, namespace, timeout: 3_000 }).lookup('key')
    expect(found).toMatchObject({ status: 'degraded', reason: 'reply', phase: 'connect' })
    expect(await createCache({ url: redis.url, namespace, timeout: 3_000 }).lookup('key')).toEqual({ status: 'miss' })
  })

  test('a password where none is asked for is told as such, although Redis answers the command behind it', async () => {
    await using open = await startRedis()
    const url = open.url.replace('redis://', 'redis://:superfluous@')
    expect(await outcome({ url, cooldown: 0, maxCooldown: 0 })).toMatchObject({ isStored: false, status: 'degraded', reason: 'auth' })
  })

  test('a wrong password is told by its own code', async () => {
    const answer = await outcome({ url: `redis://:wrong@127.0.0.1:${redis.port}`, cooldown: 0, maxCooldown: 0 })
    expect(answer).toMatchObject({ isStored: false, reason: 'auth', cause: { code: 'WRONGPASS' } })
  })
})

describe('credentials', () => {
  const bare = (): string => `redis://127.0.0.1:${redis.port}`

  test('are asked for once a connection', async () => {
    let asked = 0
    const credentials = async () => {
      asked += 1
      return { username: 'default', password: PASSWORD }
    }
    const cache = createCache({ url: bare(), timeout: 3_000, credentials })
    for (let round = 0; round < 5; round += 1) {
      await using invocation = cache.invocation()
      expect(await invocation.set('key', round)).toBe(true)
      expect(await invocation.get('key')).toBe(round)
    }
    expect(asked).toBe(5)
  })

  test('that never come are a timeout, within the timeout', async () => {
    const cache = createCache({ url: bare(), timeout: 150, credentials: () => new Promise(() => {}) })
    await cache.preload()
    const startedAt = performance.now()
    expect(await cache.lookup('key')).toMatchObject({ reason: 'timeout', phase: 'connect' })
    expect(performance.now() - startedAt).toBeLessThan(1_500)
  })

  const WRONG: readonly (readonly [name: string, credentials: () => unknown])[] = [
    ['rejects', () => Promise.reject(new Error(PASSWORD))],
    [
      'throws',
      () => {
        throw new Error(PASSWORD)
      },
    ],
    ['gives a number', () => Promise.resolve(5)],
    ['gives nothing', () => Promise.resolve(undefined)],
    ['gives a password that is no text', () => Promise.resolve({ password: { text: PASSWORD } })],
  ]
  test.each(WRONG)('a function that %s is an outcome, and quotes nothing', async (_name, credentials) => {
    const options = { url: bare(), cooldown: 0, maxCooldown: 0, credentials: credentials as NonNullable<CacheOptions['credentials']> }
    const answer = await outcome(options)
    expect(answer).toMatchObject({ isStored: false, status: 'degraded', reason: 'auth' })
    expect(JSON.stringify(answer)).not.toContain(PASSWORD)
  })
})

test('the first answer over a fresh connection is one round trip behind the handshake, for one get and for twenty', async () => {
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set('latency', { delay: 100 })
  const cache = createCache({ url: proxy.url, timeout: 5_000 })
  await cache.preload()
  for (const count of [1, 20]) {
    await using invocation = cache.invocation()
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: count }, (_, index) => invocation.get(`key ${index}`)))
    // A round trip takes 200 ms; on loopback the connect is nothing.
    expect(performance.now() - startedAt).toBeLessThan(390)
  }
  expect(proxy.counters.connections).toBe(2)
})
