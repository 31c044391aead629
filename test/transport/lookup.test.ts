import dns from 'node:dns'
import { createCache, type CacheEvent } from 'fastmiss'
import { type LocalRedis, startRedis, startUpstash } from 'fastmiss/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { namesOnNode } from '../../src/transport/lookup.ts'
import { openBlackHole } from '../../src/testing/proxy/black-hole.ts'

let redis: LocalRedis
let tls: LocalRedis
beforeAll(async () => {
  ;[redis, tls] = await Promise.all([startRedis(), startRedis({ tls: true })])
})
afterAll(async () => {
  await Promise.all([redis.stop(), tls.stop()])
})
afterEach(() => void vi.restoreAllMocks())

type Answer = (error: Error | null, addresses?: { address: string; family: number }[]) => void

/** Puts a name server in the place of the system's. */
function nameServer(answer: (hostname: string, reply: Answer) => void): string[] {
  const asked: string[] = []
  vi.spyOn(dns, 'lookup').mockImplementation(((hostname: string, _: object, reply: Answer) => {
    asked.push(hostname)
    answer(hostname, reply)
  }) as never)
  return asked
}

const HERE = [{ address: '127.0.0.1', family: 4 }]
const FIRST_IS_DEAD = [{ address: '127.0.0.2', family: 4 }, ...HERE]

test('a name whose first address drops packets is a hit within the default timeout, with and without TLS', async () => {
  nameServer((_, reply) => void setImmediate(reply, null, FIRST_IS_DEAD))
  for (const [server, scheme, options] of [
    [redis, 'redis', {}],
    [tls, 'rediss', { tls: { ca: tls.ca, servername: 'localhost' } }],
  ] as const) {
    const hole = await openBlackHole('127.0.0.2', server.port)
    const cache = createCache({ url: `${scheme}://dead-first.test:${server.port}`, ...options, cooldown: 0, maxCooldown: 0 })
    await cache.preload()
    // A busy machine may take longer for a handshake; what is pinned is that it is not the first address that decides.
    await expect.poll(() => cache.set('k', 'v'), { timeout: 10_000 }).toBe(true)
    expect(await cache.get('k')).toBe('v')
    await hole.close()
  }
})

test('over REST as well', async () => {
  await using upstash = await startUpstash()
  nameServer((_, reply) => void setImmediate(reply, null, FIRST_IS_DEAD))
  const { port } = new URL(upstash.url)
  const hole = await openBlackHole('127.0.0.2', Number(port))
  const cache = createCache({ url: `http://dead-first.test:${port}`, token: upstash.token, cooldown: 0, maxCooldown: 0 })
  await cache.preload()
  await expect.poll(() => cache.set('k', 'v'), { timeout: 10_000 }).toBe(true)
  await hole.close()
})

test.each([
  ['a lookup that throws at once', {}, true],
  ['an option that the lookup refuses', { hints: 1 }, false],
])('%s fails one cache, and no other waits behind it', async (_, options, throws) => {
  const probing = { cooldown: 0, maxCooldown: 0, timeout: 1_000 }
  if (throws) {
    vi.spyOn(dns, 'lookup').mockImplementation(() => {
      throw new Error('There is no network here')
    })
  }
  const bad = createCache({ url: `rediss://localhost:${tls.port}`, tls: options, ...probing })
  expect(await bad.lookup('k')).toMatchObject({ status: 'degraded', phase: 'connect' })
  vi.restoreAllMocks()
  // Another name: what a name led to before would be taken while a lookup is stuck.
  nameServer((__, reply) => void setImmediate(reply, null, HERE))
  const other = createCache({ url: `redis://behind-${throws}.test:${redis.port}`, ...probing })
  expect(await other.lookup('nobody wrote this')).toEqual({ status: 'miss' })
})

test('of many names the oldest is forgotten: an application that makes names up does not grow by them', async () => {
  const { lookup } = namesOnNode(undefined)
  const ask = (name: string): Promise<unknown> => new Promise((resolve) => lookup(name, { all: true }, (_, addresses) => resolve(addresses)))
  nameServer((_, reply) => void setImmediate(reply, null, HERE))
  for (let tenant = 0; tenant <= 1_000; tenant += 1) await ask(`tenant-${tenant}.test`)
  // It falls silent.
  const replies: Answer[] = []
  nameServer((_, reply) => void replies.push(reply))
  const stuck = ask('stuck.test')
  const later = performance.now() + 1_000
  vi.spyOn(performance, 'now').mockReturnValue(later)
  expect(await ask('tenant-1000.test')).toEqual(HERE)
  const first = ask('tenant-0.test')
  expect(await Promise.race([first, new Promise((resolve) => setImmediate(resolve, 'it waits'))])).toBe('it waits')
  while (replies.length > 0) replies.shift()?.(null, HERE)
  expect(await Promise.all([stuck, first])).toEqual([HERE, HERE])
})

// The last one: it leaves a lookup that never ends.
test('a name server that does not answer is asked once, however many caches probe, and the name is found once it answers', async () => {
  const replies: Answer[] = []
  await createCache({ url: redis.url, timeout: 5_000 }).set('k', 'v')
  const asked = nameServer((_, reply) => void replies.push(reply))
  const events: CacheEvent['type'][] = []
  const caches = ['one.test', 'two.test'].map((host) =>
    createCache({
      url: `redis://${host}:${redis.port}`,
      timeout: 100,
      cooldown: 0,
      maxCooldown: 0,
      onEvent: ({ type }) => void events.push(type),
    }),
  )
  await Promise.all(caches.map((cache) => cache.preload()))
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all(caches.map((cache) => cache.lookup('k')))
    expect(answers).toMatchObject([
      { status: 'degraded', reason: 'timeout', phase: 'connect' },
      { status: 'degraded', reason: 'timeout', phase: 'connect' },
    ])
  }
  expect(asked).toEqual(['one.test'])
  replies[0]?.(null, HERE)
  expect(asked).toEqual(['one.test', 'two.test'])
  replies[1]?.(null, HERE)
  await expect.poll(() => asked.length === replies.length && replies.splice(0).map((reply) => reply(null, HERE))).toBeTruthy()

  // It falls silent again: what the names led to before is taken while the one lookup is stuck.
  const second = nameServer(() => {})
  await Promise.all(caches.map((cache) => cache.lookup('k')))
  await expect.poll(() => Promise.all(caches.map(async (cache) => (await cache.lookup('k')).status)), { timeout: 10_000 }).toEqual(['hit', 'hit'])
  expect(second).toHaveLength(1)
})
