import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startRedis } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type InstalledProject, installedProject } from './support/installed.ts'

const DRIVER = 'fastmiss/dist/shared/node-redis.js'

/** No peer at all, and Keyv alone. */
let bare: InstalledProject
let withKeyv: InstalledProject
beforeAll(async () => {
  ;[bare, withKeyv] = await Promise.all([installedProject(), installedProject(['keyv'])])
}, 60_000)
afterAll(async () => {
  await bare[Symbol.asyncDispose]()
  await withKeyv[Symbol.asyncDispose]()
})

/** Prints every module that an import brings: of this package by its file, of others by their package, or as Node's. */
const GRAPH = `
import { registerHooks } from 'node:module'
const seen = new Set()
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    seen.add(/.*node_modules[/](fastmiss[/].*|@[^/]+[/][^/]+|[^/]+)/.exec(found.url)?.[1] ?? found.url)
    return found
  },
})
await import(process.env.ENTRY)
console.log(JSON.stringify([...seen].sort()))
`

async function graphOf(project: InstalledProject, entry: string, flags: readonly string[] = []): Promise<readonly string[]> {
  const { stdout } = await project.run(GRAPH.replace('process.env.ENTRY', JSON.stringify(entry)), flags)
  return JSON.parse(stdout) as readonly string[]
}

test('without any peer the cache works, over memory and over TCP, by import and by require', async () => {
  await using redis = await startRedis()
  const code = (load: string): string => `
    ${load}
    for (const url of ['memory:', ${JSON.stringify(redis.url)}]) {
      const cache = createCache({ url, timeout: 5_000 })
      console.log(await cache.set('k', { a: 1 }), JSON.stringify(await cache.get('k')))
    }`
  const both = 'true {"a":1}\ntrue {"a":1}\n'
  expect(await bare.run(code(`import { createCache } from 'fastmiss'`))).toEqual({ stdout: both, stderr: '' })
  const required = `import { createRequire } from 'node:module'\nconst { createCache } = createRequire(process.cwd() + '/x.cjs')('fastmiss')`
  expect((await bare.run(code(required))).stdout).toBe(both)
})

test('importing fastmiss loads no driver of Redis; an edge runtime gets neither that driver nor a module of Node', async () => {
  const graph = await graphOf(bare, 'fastmiss')
  expect(graph).toContain('fastmiss/dist/index.js')
  expect(graph).not.toContain(DRIVER)
  for (const condition of ['workerd', 'edge-light']) {
    // Node's own condition is always there; these stand before it.
    const onEdge = await graphOf(bare, 'fastmiss', ['--conditions', condition])
    expect(onEdge.filter((name) => name === DRIVER || name.startsWith('node:'))).toEqual([])
  }
  expect(await graphOf(bare, 'fastmiss/tcp')).toContain(DRIVER)
  expect(await graphOf(withKeyv, 'fastmiss/keyv')).not.toContain(DRIVER)
})

test('who names one address loads nothing that is for a cluster or for sentinels', async () => {
  const graphOfUrl = async (url: string): Promise<readonly string[]> => {
    const loaded = `const { createCache } = await import('fastmiss'); await createCache({ url: '${url}' }).preload()`
    return JSON.parse((await bare.run(GRAPH.replace('await import(process.env.ENTRY)', loaded))).stdout) as readonly string[]
  }
  const [one, cluster, sentinel] = await Promise.all(['redis://h', 'redis+cluster://h', 'redis+sentinel://h/name'].map(graphOfUrl))
  const chunksOf = (graph: readonly string[] = []): readonly string[] => graph.filter((name) => /(cluster|sentinel)-to/.test(name))
  expect([chunksOf(one), chunksOf(cluster).length, chunksOf(sentinel).length]).toEqual([[], 1, 1])
})

test('every entry can be required, and what was imported works with what was required', async () => {
  await using redis = await startRedis()
  const { stdout, stderr } = await withKeyv.run(`
    import { createRequire } from 'node:module'
    import { createCache, CacheError } from 'fastmiss'
    import { tcp } from 'fastmiss/tcp'
    const require = createRequire(process.cwd() + '/x.cjs')
    const required = require('fastmiss')
    for (const name of ['tcp', 'upstash', 'lambda', 'keyv', 'testing']) console.log(name, Object.keys(require('fastmiss/' + name)).length > 0)
    console.log(require.resolve('fastmiss').endsWith('index.cjs'), required.createCache === createCache)
    const { KeyvFastmiss } = require('fastmiss/keyv')
    const store = new KeyvFastmiss(createCache({ url: ${JSON.stringify(redis.url)}, timeout: 5_000 }))
    console.log(await store.set('k', 'text'), await store.get('k'), await store.get('nothing'))
    for (const transport of [tcp('redis://127.0.0.1:1'), require('fastmiss/tcp').tcp('redis://127.0.0.1:1')]) {
      const { status, reason, error } = await required.createCache({ transport, timeout: 5_000 }).lookup('k')
      console.log(status, reason, error.code, error instanceof CacheError, error instanceof required.CacheError)
    }`)
  expect(stderr).toBe('')
  const failed = 'degraded unreachable unreachable true true\n'
  expect(stdout).toBe(`tcp true\nupstash true\nlambda true\nkeyv true\ntesting true\ntrue false\ntrue text undefined\n${failed}${failed}`)
})

test('the driver is in the package, without TLS where none is spoken, and without what a cache never calls', async () => {
  const loaded = `const { createCache } = await import('fastmiss'); await createCache({ url: 'redis://localhost' }).preload()`
  const { stdout } = await bare.run(GRAPH.replace('await import(process.env.ENTRY)', loaded))
  const graph = JSON.parse(stdout) as readonly string[]
  expect(graph).toContain(DRIVER)
  // Node's own modules are named by what the driver imports of them.
  expect(graph.filter((name) => !name.startsWith('fastmiss/')).sort()).toEqual(['node:diagnostics_channel', 'node:dns', 'node:events', 'node:net'])
  const driver = await readFile(join(bare.folder, 'node_modules', DRIVER), 'utf8')
  expect(driver).toMatch(/^\/\*! node-redis \d+\.\d+\.\d+\b.*\bMIT\b/)
  expect(driver).not.toMatch(/\brequire\(|\bprocess\.|@opentelemetry\/api|psubscribe|ZADD|createHash/)
  expect(await readFile(join(bare.folder, 'node_modules', DRIVER, '../node-redis.LICENSE.txt'), 'utf8')).toContain('Redis, inc.')
})

test('with keyv beside it, fastmiss/keyv works, over memory and over TCP', async () => {
  await using redis = await startRedis()
  const { stdout, stderr } = await withKeyv.run(`
    import { createKeyv, KeyvFastmiss } from 'fastmiss/keyv'
    import { Keyv } from 'keyv'
    for (const url of ['memory:', ${JSON.stringify(redis.url)}]) {
      const keyv = createKeyv(url, { namespace: 'app', timeout: 5_000 })
      console.log(keyv instanceof Keyv, await keyv.set('k', 1, 60_000), await keyv.get('k'))
      const other = new Keyv({ store: new KeyvFastmiss(url, { timeout: 5_000 }), namespace: 'other' })
      console.log(await other.get('k'), await other.set('k', 2), await other.get('k'))
    }`)
  expect(stderr).toBe('')
  expect(stdout).toBe('true true 1\nundefined true 2\n'.repeat(2))
})

test.each([
  ['fastmiss/keyv', `import 'fastmiss/keyv'`, /Cannot find package 'keyv'/],
  ['fastmiss/hono', `import 'fastmiss/hono'`, /Cannot find package 'hono'/],
  ['startUpstash', `import { startUpstash } from 'fastmiss/testing'; await startUpstash()`, /npm install --save-dev hono @hono\/node-server/],
  ['startRedis with TLS', `import { startRedis } from 'fastmiss/testing'; await startRedis({ tls: true })`, /selfsigned/],
])('where its optional peer is not installed, %s says which', async (_name, code, message) => {
  const failure: unknown = await bare.run(code).catch((error: unknown) => error)
  expect((failure as { stderr: string }).stderr).toMatch(message)
})

test('what needs no peer does without: fastmiss/lambda, fastmiss/tcp, fastmiss/testing', async () => {
  const { stdout } = await bare.run(`
    import { createCache } from 'fastmiss'
    import { withCache } from 'fastmiss/lambda'
    import { tcp } from 'fastmiss/tcp'
    import { faultProxy, startRedis } from 'fastmiss/testing'
    await using redis = await startRedis()
    await using proxy = await faultProxy({ target: redis.url })
    const handler = withCache(createCache({ transport: tcp(proxy.url), timeout: 5_000 }), async (event, context, cache) => cache.set('k', event))
    console.log(await handler(1, { getRemainingTimeInMillis: () => 10_000 }), proxy.counters.connections)`)
  expect(stdout).toBe('true 1\n')
})
