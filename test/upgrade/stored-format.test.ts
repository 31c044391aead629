import { readFile } from 'node:fs/promises'
import { Hono } from 'hono'
import type { Keyv } from 'keyv'
import { createCache } from 'fastmiss'
import { responseCache } from 'fastmiss/hono'
import { createKeyv } from 'fastmiss/keyv'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

// What 0.1.0 stored, byte for byte as it lay in Redis. It is never written anew: a change of the stored format has to read it.
const stored = JSON.parse(await readFile(new URL('stored-by-0.1.0.json', import.meta.url), 'utf8')) as Record<string, string>

let redis: Awaited<ReturnType<typeof startRedis>>
let upstash: Awaited<ReturnType<typeof startUpstash>>

beforeAll(async () => {
  // The day on which they were written: entries with tags end after 30 days. Timers stay real.
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-12-01T00:00:00Z') })
  redis = await startRedis()
  upstash = await startUpstash({ redis: redis.url })
  const client = await createClient({ url: redis.url }).connect()
  for (const [key, text] of Object.entries(stored)) await client.set(key, text)
  await client.close()
})

afterAll(async () => {
  vi.useRealTimers()
  await upstash.stop()
  await redis.stop()
})

describe.each(['tcp', 'http'])('over %s', (wire) => {
  const options = (): { url: string; token?: string } => (wire === 'tcp' ? { url: redis.url } : { url: upstash.url, token: upstash.token })

  test.each([
    ['text', 'Zürich ☕'],
    ['number', 1.5],
    ['null', null],
    ['record', { a: [1, { b: true }], c: '' }],
    ['bigint', { n: 12_345_678_901_234_567_890n }],
    ['colon', ':literal'],
    ['date-as-text', { d: '1970-01-01T00:00:00.000Z' }],
    ['tagged', { t: 1 }],
    ['wrapped', { w: 1 }],
    ['compressed', { text: 'lorem ipsum '.repeat(1_000) }],
  ])('what 0.1.0 stored as %s is read', async (key, value) => {
    await using cache = createCache({ ...options(), namespace: 'app' }).invocation()
    expect(await cache.lookup(key)).toMatchObject({ status: 'hit', value })
  })

  test('bytes that 0.1.0 stored are read as bytes', async () => {
    await using cache = createCache({ ...options(), namespace: 'app' }).invocation()
    expect([...((await cache.get<Uint8Array>('bytes')) ?? [])]).toEqual([0, 1, 127, 128, 255])
  })

  test('an entry of 0.1.0 past its time to live is stale, one that says "there is nothing" is none, and a tag still makes invalid', async () => {
    await using cache = createCache({ ...options(), namespace: 'app' }).invocation()
    expect(await cache.lookup('stale')).toMatchObject({ status: 'stale', value: { s: 1 } })
    expect(await cache.has('negative')).toBe(false)
    expect(await cache.wrapped('negative', () => 'loaded')).toMatchObject({ status: 'hit', value: undefined })
    const versions = stored['app:!fm:tag:two'] ?? ''
    const client = await createClient({ url: redis.url }).connect()
    await client.set('app:!fm:tag:two', `${versions}x`)
    await using later = createCache({ ...options(), namespace: 'app' }).invocation()
    expect(await later.lookup('tagged')).toEqual({ status: 'miss' })
    await client.set('app:!fm:tag:two', versions)
    await client.close()
  })

  test('what 0.1.0 stored without a namespace is read', async () => {
    await using cache = createCache(options()).invocation()
    expect(await cache.get('without-namespace')).toEqual([1, 2, 3])
  })

  test('what the Keyv store of 0.1.0 wrote is read by the Keyv store, and by the facade', async () => {
    const { url, token } = options()
    const keyv: Keyv = createKeyv(token === undefined ? { url } : { url, token }, { namespace: 'keyv-app' })
    expect(await keyv.get('k')).toEqual({ keyv: true })
    expect([...((await keyv.get<Uint8Array>('bytes')) ?? [])]).toEqual([1, 2, 255])
    await keyv.disconnect()
    await using cache = createCache({ ...options(), namespace: 'keyv-app' }).invocation()
    expect(await cache.get('k')).toEqual({ keyv: true })
  })

  test('a response that 0.1.0 stored is served byte for byte, or not at all', async () => {
    const cache = createCache({ ...options(), namespace: 'app' })
    const app = new Hono().get('/page', responseCache({ cache, ttl: 60_000 }), (c) => c.body('made anew', 200, { 'cache-control': 'no-store' }))
    const response = await app.request('http://example.com/page', { headers: { 'accept-language': 'de' } })
    const body = [...new Uint8Array(await response.arrayBuffer())]
    const isHit = response.headers.get('cache-status')?.includes('hit') === true
    expect(body).toEqual(isHit ? [0, 255, 10, 13] : [...new TextEncoder().encode('made anew')])
  })
})
