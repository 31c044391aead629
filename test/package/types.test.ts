import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { installedProject } from './support/installed.ts'

const PEERS = fileURLToPath(new URL('../peers', import.meta.url))

const NODE_NEXT = { module: 'nodenext', moduleResolution: 'nodenext' } as const
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' } as const

/**
 * What a consumer's compiler takes for the platform, and one way to resolve imports each: that every entry is found in every way is what
 * attw looks at.
 */
const PLATFORMS = [
  ['a browser or an edge', { ...BUNDLER, lib: ['es2024', 'esnext.disposable', 'dom', 'dom.iterable'], types: [] }, []],
  ['Node', { ...NODE_NEXT, lib: ['es2024', 'esnext.disposable'], types: ['node'] }, ['@types/node']],
] as const

const CORE = `
import { createCache, fromEnv, CacheError, type Cache, type CacheResult } from 'fastmiss'
import { withCache } from 'fastmiss/lambda'
import { tcp } from 'fastmiss/tcp'

const cache: Cache = createCache({ ...fromEnv({ REDIS_URL: 'redis://localhost' }), namespace: 'app', ttl: 60_000 })
createCache({ transport: tcp('redis://localhost', { connectTimeout: 100 }) })
export const user: { name: string } | undefined = await cache.get<{ name: string }>('user:1')
export const found: CacheResult<number> = await cache.lookup<number>('n')
if (found.status === 'hit') found.value satisfies number
if (found.status === 'degraded') found.error satisfies CacheError
export const handler = withCache(cache, async (event: { id: string }, _context, bound) => bound.get(event.id))
await using invocation = cache.invocation({ deadline: Date.now() + 1_000 })
export const stored: boolean = await invocation.set('k', 1, { ttl: 1_000 })
// @ts-expect-error a duration is a number
createCache({ url: 'memory:', timeout: '250' })
// @ts-expect-error no such option
createCache({ url: 'memory:', expire: 1 })
`

const NEXT = `
import { createCache, fromEnv } from 'fastmiss'
import { cacheHandler, cacheHandlers, type IncrementalHandlerClass, type NextOptions, type UseCacheHandler } from 'fastmiss/next'

const options: NextOptions = { url: 'redis://localhost', namespace: 'app', buildId: 'b', memory: true }
export const Handler: IncrementalHandlerClass = cacheHandler(options)
export const useCache: UseCacheHandler = cacheHandlers(() => ({ ...fromEnv({ REDIS_URL: 'redis://localhost' }), ttl: 60_000 }))
export default cacheHandlers({ cache: createCache({ url: 'memory:' }), duringBuild: false })
// @ts-expect-error no such option
cacheHandler({ url: 'memory:', buildID: 'b' })
`

const KEYV = `
import { createCache } from 'fastmiss'
import { type CacheError, createKeyv, KeyvFastmiss, type KeyvFastmissOptions } from 'fastmiss/keyv'
import { Keyv } from 'keyv'

const options: KeyvFastmissOptions = { namespace: 'app', timeout: 100, keyFormat: 'namespace::key' }
const keyv: Keyv = createKeyv('redis://localhost:6379', options)
export const value: number | undefined = await keyv.get<number>('k')
export const stored: boolean = await keyv.set('k', 1, 60_000)
keyv.on('error', (error: CacheError) => error.code)
export const over = [
  new Keyv({ store: new KeyvFastmiss('redis://localhost:6379'), namespace: 'app' }),
  new Keyv({ store: new KeyvFastmiss(createCache({ url: 'memory:' })) }),
  new Keyv(new KeyvFastmiss({ url: 'https://x.upstash.io', token: 't' })),
]
// @ts-expect-error no such option
createKeyv('redis://localhost:6379', { prefix: 'app' })
`

const HONO = `
import { createCache } from 'fastmiss'
import { cacheContext, type CacheContextEnv, responseCache } from 'fastmiss/hono'
import { Hono } from 'hono'

const cache = createCache({ url: 'memory:' })
export const app = new Hono<CacheContextEnv>()
app.use(cacheContext({ cache }))
app.get('/api/*', responseCache({ ttl: 60_000, swr: 300_000 }))
app.get('/', async (c) => c.json({ name: (await c.var.cache.get<string>('name')) ?? null }))
`

const TESTING = `
import { createCache } from 'fastmiss'
import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'

await using redis = await startRedis()
await using proxy = await faultProxy({ target: redis.url })
await proxy.set('halfReply', { bytes: 1, then: 'reset' })
await using upstash = await startUpstash({ redis: redis.url })
createCache({ url: upstash.url, token: upstash.token })
// @ts-expect-error no such fault
await proxy.set('sleepy')
`

test.each(PLATFORMS)('the declarations of every entry hold where the platform is %s', async (name, options, packages) => {
  await using project = await installedProject(['keyv', 'hono', '@hono/node-server', ...packages])
  // The tools for tests are Node's.
  const files = { 'core.ts': CORE, 'next.ts': NEXT, 'keyv.ts': KEYV, 'hono.ts': HONO, ...(name === 'Node' ? { 'testing.ts': TESTING } : {}) }
  expect(await project.check(files, options)).toBe('')
})

test('those that need no peer hold without one', async () => {
  await using project = await installedProject()
  const [, options] = PLATFORMS[0]
  expect(await project.check({ 'core.ts': CORE, 'next.ts': NEXT }, { ...options, ...NODE_NEXT })).toBe('')
})

test('fastmiss/keyv holds beside Keyv 5', async () => {
  await using project = await installedProject(['keyv'], PEERS)
  // Keyv 5 takes its argument for options where it is not exactly its own adapter: those say `namespace?: string`, not undefined.
  const options = { ...PLATFORMS[0][1], exactOptionalPropertyTypes: false }
  const code = KEYV.replaceAll("('redis://localhost:6379')", "('redis://localhost:6379', { keyv: 5 })").replace(
    "token: 't' }",
    "token: 't', keyv: 5 }",
  )
  expect(await project.check({ 'keyv.ts': code }, options)).toBe('')
})
