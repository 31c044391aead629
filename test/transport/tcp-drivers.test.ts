import { createRequire } from 'node:module'
import { createCache, type CacheOptions, type CreateClient } from 'fastmiss'
import { type LocalRedis, startRedis } from 'fastmiss/testing'
import * as redis6 from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../src/testing/free-port.ts'

/** Installed apart from the driver of this package, with Keyv 5, which needs it. */
const redis5 = createRequire(new URL('../peers/package.json', import.meta.url))('@redis/client') as { readonly createClient: CreateClient }

let redis: LocalRedis
beforeAll(async () => {
  redis = await startRedis({ password: 'right' })
})
afterAll(() => redis.stop())

const unhandled: unknown[] = []
const remember = (error: unknown): void => void unhandled.push(error)
beforeEach(() => void process.on('unhandledRejection', remember))
afterEach(async () => {
  await new Promise(setImmediate)
  process.off('unhandledRejection', remember)
  expect(unhandled.splice(0)).toEqual([])
})

/** Making the first client of a process takes the driver long on a busy machine, and is no wait; what is pinned is that it ends. */
const SOON: unknown = expect.toSatisfy((ms: number) => ms < 5_000)

/** A cache, and how long its first answer took. */
async function asked(options: CacheOptions) {
  const cache = createCache({ timeout: 500, cooldown: 0, maxCooldown: 0, ...options })
  await cache.preload()
  const startedAt = performance.now()
  const answer = await cache.lookup('k')
  await cache.close()
  return { answer, ms: performance.now() - startedAt }
}

describe.each([
  ['redis 5', redis5.createClient],
  ['redis 6', redis6.createClient as CreateClient],
])('createClient of %s', (_, createClient) => {
  test('a refused port and a wrong password are answered within the timeout, with their reason', async () => {
    const refused = await asked({ url: `redis://127.0.0.1:${await freePort()}`, createClient })
    expect(refused).toMatchObject({ answer: { status: 'degraded', reason: 'unreachable' }, ms: SOON })
    const wrong = await asked({ url: redis.url.replace('right', 'wrong'), createClient })
    expect(wrong).toMatchObject({ answer: { status: 'degraded', reason: 'auth' }, ms: SOON })
  })

  test('it reads and writes', async () => {
    const cache = createCache({ url: redis.url, createClient, timeout: 2_000 })
    expect(await cache.set('k', 'v')).toBe(true)
    expect(await cache.get('k')).toBe('v')
  })
})

const MISCHIEF: readonly (readonly [name: string, methods: readonly string[], act: () => unknown])[] = [
  [
    'throws',
    ['destroy', 'close', 'sendCommand', 'connect', 'on', 'unref'],
    () => {
      throw new TypeError('planted value')
    },
  ],
  ['returns a promise that rejects', ['destroy', 'close', 'sendCommand', 'connect'], () => Promise.reject(new TypeError('planted value'))],
]

describe.each(MISCHIEF)('a driver that %s', (_, methods, act) => {
  test.each(methods)('in %s costs a degraded answer at most, never a rejection', async (method) => {
    const createClient = ((options: never) => Object.assign(redis6.createClient(options), { [method]: act })) as CreateClient
    for (const url of [redis.url, `redis://127.0.0.1:${await freePort()}`]) {
      const cache = createCache({ url, createClient, timeout: 300, connection: 'reuse' })
      const startedAt = performance.now()
      const answers = await Promise.all([cache.lookup('absent'), cache.set('other', 1), cache.lookup('absent too')])
      expect(performance.now() - startedAt).toBeLessThan(5_000)
      expect(JSON.stringify(answers)).not.toContain('planted')
      await cache.close()
    }
  })
})

test('a driver that throws a thing whose every getter throws is an outcome', async () => {
  const hostile = new Proxy(new Error('planted value'), {
    get() {
      throw new Error('planted value')
    },
    has() {
      throw new Error('planted value')
    },
    getPrototypeOf() {
      throw new Error('planted value')
    },
  })
  const createClient = ((options: never) =>
    Object.assign(redis6.createClient(options), { sendCommand: () => Promise.reject(hostile) })) as CreateClient
  expect((await asked({ url: redis.url, createClient })).answer).toMatchObject({ status: 'degraded' })
  const throwing = (() => {
    throw hostile
  }) as CreateClient
  expect((await asked({ url: redis.url, createClient: throwing })).answer).toMatchObject({ status: 'degraded' })
})
