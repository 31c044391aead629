import { fileURLToPath } from 'node:url'
import { createCache, type Wrapped } from 'fastmiss'
import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../workers/local/bundle.ts'

const TIMEOUT = 250
const CALLERS = 10

interface Given extends AsyncDisposable {
  ask(key: string): Promise<Wrapped<string> & { readonly ms: number }>
  loads(): Promise<number>
  /** Redis gives no answer from now on. */
  fall(): Promise<void>
}

/** A Redis over each wire, and the switch that silences it. */
async function place(wire: 'tcp' | 'rest') {
  const redis = await startRedis()
  const upstash = await startUpstash({ redis: redis.url })
  const proxy = await faultProxy({ target: redis.url })
  return {
    url: wire === 'tcp' ? proxy.url : upstash.url,
    token: upstash.token,
    fall: async () => (wire === 'tcp' ? proxy.set('silent') : upstash.set('noHeaders')),
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await upstash.stop()
      await redis.stop()
    },
  }
}

async function onNode(wire: 'tcp' | 'rest'): Promise<Given> {
  const where = await place(wire)
  const cache = createCache({ url: where.url, ...(wire === 'rest' ? { token: where.token } : {}), timeout: TIMEOUT, memory: { ttl: 100 } })
  let loads = 0
  const load = async (): Promise<string> => {
    loads += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
    return 'v'
  }
  return {
    async ask(key) {
      const startedAt = performance.now()
      const answer = await cache.wrapped(key, load, { ttl: 60_000, staleIfError: 3_600_000 })
      return { ...answer, ms: performance.now() - startedAt }
    },
    loads: async () => loads,
    fall: where.fall,
    async [Symbol.asyncDispose]() {
      await cache.close()
      await where[Symbol.asyncDispose]()
    },
  }
}

async function inWorkerd(wire: 'tcp' | 'rest'): Promise<Given> {
  const where = await place(wire)
  const contents = await bundleWorker(fileURLToPath(new URL('support/copies-worker.ts', import.meta.url)))
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents }],
    bindings: { REDIS_URL: where.url, REST_URL: where.url, REST_TOKEN: where.token, WIRE: wire },
  })
  const json = async (path: string): Promise<unknown> => (await worker.dispatchFetch(`http://a.test${path}`)).json()
  return {
    ask: async (key) => (await json(`/?key=${key}`)) as Wrapped<string> & { readonly ms: number },
    loads: async () => (await json('/loads')) as number,
    fall: where.fall,
    async [Symbol.asyncDispose]() {
      await worker.dispose()
      await where[Symbol.asyncDispose]()
    },
  }
}

test.each([
  ['on Node over TCP', () => onNode('tcp'), 50],
  ['on Node over REST', () => onNode('rest'), 50],
  ['in workerd over TCP', () => inWorkerd('tcp'), 20],
  ['in workerd over REST', () => inWorkerd('rest'), 20],
])(
  '%s an outage is answered with values: no key that has a copy is degraded, and the source is asked once for one that has none',
  { timeout: 60_000 },
  async (_, start, keys) => {
    await using given = await start()
    const known = Array.from({ length: keys }, (__, index) => `k${index}`)
    for (const key of known) await given.ask(key)
    const before = await given.loads()
    expect(before).toBe(keys)
    // Longer than memory.ttl: all of them have to be asked for.
    await new Promise((resolve) => setTimeout(resolve, 150))
    await given.fall()
    const hot = [...known, 'new1', 'new2']
    const took: number[] = []
    let next = 0
    let copied = 0
    const end = performance.now() + 2_000
    async function caller(): Promise<void> {
      while (performance.now() < end) {
        const key = hot[(next += 1) % hot.length] ?? ''
        const { status, from, reason, ms } = await given.ask(key)
        took.push(ms)
        if (!key.startsWith('new')) expect({ key, status, from }).toEqual({ key, status: 'hit', from: 'memory' })
        if (reason !== undefined) copied += 1
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, caller))
    expect(copied).toBeGreaterThan(keys)
    // In workerd each request loads for itself: those that are under way at once are as many as there are callers.
    expect((await given.loads()) - before).toBeLessThanOrEqual(_.includes('workerd') ? 2 * CALLERS : 2)
    // Each caller waits for the first timeout once, and one of them for each probe; all others are answered at once.
    expect(took.filter((ms) => ms > TIMEOUT / 2).length).toBeLessThanOrEqual(CALLERS + 4)
  },
)
