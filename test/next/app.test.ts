import { type FaultProxy, faultProxy, type LocalRedis, startRedis } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Source, startSource } from '../support/start-source.ts'
import { buildApp, type BuiltApp, type Instance } from './support/app.ts'

const PATHS = { '/cached': 'page', '/isr': 'isr', '/dynamic': 'posts', '/api/data': 'data' } as const

let redis: LocalRedis
let source: Source
let app: BuiltApp
/** One by `next start`, the other from what `output: 'standalone'` put together; each behind a proxy of its own. */
let one: Instance
let other: Instance
let proxies: readonly FaultProxy[] = []
let dialledByBuild = -1
let askedByBuild: Readonly<Record<string, number>> = {}

beforeAll(async () => {
  redis = await startRedis()
  source = await startSource()
  const during = await faultProxy({ target: redis.url })
  app = await buildApp({ SOURCE_URL: source.url, REDIS_URL: during.url })
  dialledByBuild = during.counters.connections
  await during.stop()
  askedByBuild = Object.fromEntries(Object.values(PATHS).map((name) => [name, source.count(name)]))
  proxies = await Promise.all([faultProxy({ target: redis.url }), faultProxy({ target: redis.url })])
  const [first, second] = proxies.map(({ url }) => ({ SOURCE_URL: source.url, REDIS_URL: url }))
  ;[one, other] = await Promise.all([app.start('next start', first ?? {}), app.start('standalone', second ?? {})])
}, 240_000)
afterAll(async () => {
  await Promise.all([one, other].map((instance) => instance?.stop()))
  for (const proxy of proxies) await proxy.stop()
  await app?.[Symbol.asyncDispose]()
  await source?.[Symbol.asyncDispose]()
  await redis?.stop()
}, 30_000)

/** Room for a busy machine, which takes a Redis for sick that is not: then pages are rendered anew for a while. */
const LONG = { timeout: 15_000, interval: 100 }
const numberIn = (text: string): number => Number(/(?:<p>\w+ |^)(\d+)/.exec(text)?.[1])
const read = async (instance: Instance, path: string): Promise<number> => {
  const { status, text } = await instance.get(path)
  expect(status).toBe(200)
  return numberIn(text)
}

test('a build dials nothing, though it knows an address', () => {
  expect(dialledByBuild).toBe(0)
})

test('the handlers have the types that Next.js says they must have', async () => {
  const said = await app.check(`
    import { cacheHandler, cacheHandlers } from 'fastmiss/next'
    import type { CacheHandler } from 'next/cache'
    import type { CacheHandler as Incremental } from 'next/dist/server/lib/incremental-cache/index.js'
    export const incremental: typeof Incremental = cacheHandler({ url: 'redis://localhost' })
    export const useCache: CacheHandler = cacheHandlers(() => ({ url: 'redis://localhost' }))
    // @ts-expect-error it is a class: the types were found
    export const none: Incremental = incremental`)
  expect(said).toBe('')
})

test.each(Object.entries(PATHS))('what one instance made for %s is served by the other, and not made again', async (path, name) => {
  // Next.js answers before it stores, and each question to the source has a number of its own: the same one twice was stored.
  const seen = async (): Promise<number> => {
    const asked = source.count(name)
    const values = [await read(one, path), await read(other, path), await read(one, path), await read(other, path)]
    return new Set(values).size + source.count(name) - asked
  }
  await expect.poll(seen, LONG).toBe(1)
  // Not what the build left on the disk of each.
  expect(await read(other, path)).toBeGreaterThan(askedByBuild[name] ?? 0)
})

test('an image that one instance made is served by the other', async () => {
  const path = '/_next/image?url=%2Fpicture.png&w=64&q=75'
  const made = await one.get(path)
  expect(made.headers.get('x-nextjs-cache')).toBe('MISS')
  await expect.poll(async () => (await other.get(path)).headers.get('x-nextjs-cache'), LONG).toBe('HIT')
  const found = await other.get(path)
  expect([found.text, found.headers.get('content-type')]).toEqual([made.text, made.headers.get('content-type')])
})

test.each([
  ['/dynamic', 'tag=posts&expire=0'],
  ['/dynamic', 'path=/dynamic'],
  ['/api/data', 'tag=data&expire=0'],
  ['/cached', 'tag=page&expire=0'],
])('%s is made anew in one instance once the other was asked to revalidate %s', async (path, query) => {
  const before = await read(one, path)
  await other.revalidate(query)
  const after = await read(one, path)
  expect(after).toBeGreaterThan(before)
  await expect.poll(() => read(other, path).then(async (value) => value === (await read(one, path))), LONG).toBe(true)
})

test.each([
  ['/dynamic', 'tag=posts&profile=max'],
  ['/cached', 'tag=page&profile=max'],
])('%s is served once more and made anew in the background after %s', { retry: 2 }, async (path, query) => {
  const before = await read(one, path)
  await other.revalidate(query)
  expect(await read(one, path)).toBe(before)
  await expect.poll(() => read(one, path), LONG).toBeGreaterThan(before)
})

test('where Redis hangs, every page is rendered within its bound, and nothing loops', async () => {
  for (const proxy of proxies) await proxy.set('silent')
  const [proxy] = proxies
  const attempts = proxy?.counters.connections ?? 0
  const startedAt = performance.now()
  const times: number[] = []
  for (let round = 0; round < 3; round += 1) {
    for (const path of Object.keys(PATHS)) {
      const { status, text, ms } = await one.get(path)
      expect([status, Number.isNaN(numberIn(text))]).toEqual([200, false])
      times.push(ms)
    }
  }
  const elapsed = performance.now() - startedAt
  // One timeout a page at most, and for most of them none: the cooldown remembers. Room for a busy machine.
  expect(Math.max(...times)).toBeLessThan(2_500)
  expect((proxy?.counters.connections ?? 0) - attempts).toBeLessThanOrEqual(2 + elapsed / 1_000)
  const after = proxy?.counters.connections
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(proxy?.counters.connections).toBe(after)
})

test('Redis killed: pages are rendered; Redis back, and empty: instances share again, and what was revalidated meanwhile is', async () => {
  for (const proxy of proxies) await proxy.set('healthy')
  const port = Number(new URL(redis.url).port)
  await redis.stop()
  for (const instance of [one, other]) for (const path of Object.keys(PATHS)) expect(await read(instance, path)).toBeGreaterThan(0)
  await one.revalidate('tag=posts&expire=0')
  redis = await startRedis({ port })
  for (const path of Object.keys(PATHS)) {
    await expect.poll(async () => (await read(one, path)) === (await read(other, path)), LONG).toBe(true)
  }
})

test('the handler that Next.js builds into middleware on the edge does not keep it from answering', async () => {
  expect((await one.get('/api/data')).headers.get('x-middleware')).toBe('edge')
})

test('an instance ends when it is told to, and leaves no connection', async () => {
  expect(`${one.output()}${other.output()}`).not.toMatch(/Unhandled|Failed to update prerender cache|TypeError/)
  for (const instance of [one, other]) expect(await instance.stop()).toBeLessThan(5_000)
  for (const proxy of proxies) await proxy.until(({ open }) => open === 0)
})
