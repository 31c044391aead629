import { fileURLToPath } from 'node:url'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { createClient } from 'redis'
import { expect, test, vi } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'

/** A worker of one isolate, over a wire, and what its requests answer. */
async function started(wire: 'tcp' | 'rest') {
  const redis = await startRedis()
  const upstash = await startUpstash({ redis: redis.url })
  const contents = await bundleWorker(fileURLToPath(new URL('support/worker.ts', import.meta.url)))
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents }],
    bindings: { ...upstash.env, REDIS_URL: redis.url, WIRE: wire },
  })
  const plain = await createClient({ url: redis.url }).connect()
  async function visit(key: string, options: object, flags = ''): Promise<unknown> {
    const query = `key=${key}&options=${encodeURIComponent(JSON.stringify(options))}${flags}`
    const response = await worker.dispatchFetch(`http://a.test/?${query}`, { signal: AbortSignal.timeout(10_000) })
    return response.ok ? response.json() : response.text()
  }
  return {
    visit,
    plain,
    async [Symbol.asyncDispose]() {
      await worker.dispose()
      plain.destroy()
      await upstash.stop()
      await redis.stop()
    },
  }
}

test.concurrent.each(['tcp', 'rest'] as const)(
  'in workerd over %s a stale value is refreshed after the response',
  { timeout: 90_000 },
  async (wire) => {
    for (const root of ['', '&root']) {
      await using given = await started(wire)
      const options = { ttl: 100, swr: 60_000 }
      expect(await given.visit('k', options, `${root}&twice`)).toMatchObject([
        { value: 1, status: 'miss', stored: true },
        { value: 1, status: 'miss', stored: true },
      ])
      await new Promise((resolve) => setTimeout(resolve, 120))
      const refreshing = { ...options, ttl: 60_000 }
      expect(await given.visit('k', refreshing, `${root}&background&ms=50`)).toMatchObject({ value: 1, status: 'stale' })
      await vi.waitFor(async () => expect(await given.visit('k', refreshing, root)).toMatchObject({ value: 2, status: 'hit' }), { timeout: 5_000 })
      expect(await given.plain.keys('*lease*')).toEqual([])
    }
  },
)

test.concurrent.each(['tcp', 'rest'] as const)(
  'in workerd over %s a leader that ends early wedges nobody: neither a follower, nor a look after the window, nor one long after',
  { timeout: 90_000 },
  async (wire) => {
    for (const root of ['', '&root']) {
      await using given = await started(wire)
      const options = { ttl: 100, swr: 5_000, loaderTimeout: 4_000 }
      expect(await given.visit('k', options, root)).toMatchObject({ value: 1, status: 'miss' })
      await new Promise((resolve) => setTimeout(resolve, 120))
      // The leader takes the lease, and its request ends with the load under way: nothing of it settles ever again.
      expect(await given.visit('k', options, `${root}&forget&ms=60000`)).toBe('gone')
      expect(await given.plain.keys('*lease*')).toHaveLength(1)
      // A follower, while the lease is held: served at once.
      const startedAt = performance.now()
      expect(await given.visit('k', options, root)).toMatchObject({ value: 1, status: 'stale' })
      expect(performance.now() - startedAt).toBeLessThan(2_000)
      // After the window, and with the lease gone: loaded, by whoever asks.
      await vi.waitFor(async () => expect(await given.plain.exists('k')).toBe(0), { timeout: 10_000 })
      expect(await given.visit('k', options, root)).toMatchObject({ value: 3, status: 'miss', stored: true })
      // Long after, stale again: refreshed as ever.
      await new Promise((resolve) => setTimeout(resolve, 1_200))
      expect(await given.visit('k', { ...options, ttl: 60_000 }, root)).toMatchObject({ value: 4, status: 'miss', stored: true })
      expect(await given.visit('k', options, root)).toMatchObject({ value: 4, status: 'hit' })
      // A miss whose leader is gone, likewise.
      expect(await given.visit('other', options, `${root}&forget&ms=60000`)).toBe('gone')
      expect(await given.visit('other', options, root)).toMatchObject({ value: 6, status: 'miss' })
    }
  },
)

test('in workerd concurrent requests never wait for each other', { timeout: 90_000 }, async () => {
  await using given = await started('tcp')
  const answers = await Promise.all(Array.from({ length: 8 }, () => given.visit('k', { ttl: 60_000 }, '&root&ms=100')))
  expect(answers.every((answer) => (answer as { stored: boolean }).stored)).toBe(true)
  expect(await given.visit('k', {}, '&root')).toMatchObject({ status: 'hit' })
})

test('in workerd a lease on misses lets one request load and the others wait for it', { timeout: 90_000 }, async () => {
  await using given = await started('tcp')
  const answers = await Promise.all(Array.from({ length: 8 }, () => given.visit('k', { ttl: 60_000, lease: true }, '&ms=100')))
  expect(answers.map((answer) => (answer as { value: number }).value)).toEqual(Array.from({ length: 8 }, () => 1))
  expect(await given.plain.keys('*lease*')).toEqual([])
})
