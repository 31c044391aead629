import { createServer } from 'node:http'
import { once } from 'node:events'
import { faultProxy, type FaultProxy, type LocalRedis, startRedis, startUpstash } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../src/testing/free-port.ts'
import { type Project, recipeProject } from './support/recipe.ts'

/** Each recipe in a process of its own, with Redis there and with Redis away. */
const TIMEOUT = 60_000
/** ms. The timeout of a cache is 250, and the machine may be busy. */
const BOUNDED = 2_000

let project: Project
let redis: LocalRedis
let proxy: FaultProxy
beforeAll(async () => {
  project = await recipeProject()
  redis = await startRedis()
  proxy = await faultProxy({ target: redis.url })
}, TIMEOUT)
afterAll(async () => {
  await proxy.stop()
  await redis.stop()
  await project[Symbol.asyncDispose]()
})

/** What a script prints as JSON, with Redis well and with one that says nothing. */
async function bothWays(code: string, env: Readonly<Record<string, string>> = { REDIS_URL: proxy.url }): Promise<readonly [unknown, unknown]> {
  const seen: unknown[] = []
  for (const fault of ['healthy', 'silent'] as const) {
    await proxy.set(fault)
    const before = proxy.counters.connections
    const { stdout, stderr, exitCode } = await project.run(code, env)
    if (exitCode !== 0) throw new Error(`${exitCode}\n${stdout}\n${stderr}`)
    // A failure is remembered: whoever asks again dials no more.
    if (fault === 'silent') expect(proxy.counters.connections - before).toBeLessThanOrEqual(1)
    seen.push(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
  }
  await proxy.set('healthy')
  return [seen[0], seen[1]]
}

test('a Node server that stays up: one connection, an answer in an outage, and an end by SIGTERM', { timeout: TIMEOUT }, async () => {
  await project.follow('server')
  const port = await freePort()
  const before = proxy.counters.connections
  await using program = await project.start(`await import('./recipe.ts')`, { REDIS_URL: proxy.url, PORT: String(port) })
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  await expect.poll(() => ask('/a').catch(() => ''), { timeout: 10_000 }).toBe('made for /a')
  expect(JSON.parse(await ask('/healthz'))).toEqual({ server: 'ok', cache: 'ok' })
  await Promise.all(Array.from({ length: 20 }, (_, index) => ask(`/${index}`)))
  expect(proxy.counters.connections - before).toBe(1)
  await proxy.set('silent')
  const startedAt = performance.now()
  expect([await ask('/a'), await ask('/b')]).toEqual(['made for /a', 'made for /b'])
  expect(performance.now() - startedAt).toBeLessThan(BOUNDED)
  expect(JSON.parse(await ask('/healthz'))).toMatchObject({ server: 'ok', cache: 'degraded' })
  await proxy.set('healthy')
  program.process.kill('SIGTERM')
  expect(await program.ended).toMatchObject({ exitCode: 0, stderr: '' })
  await proxy.until(({ open }) => open === 0)
})

test("Nest's CacheModule", { timeout: TIMEOUT }, async () => {
  await project.follow('nest')
  const [well, away] = await bothWays(`
    import 'reflect-metadata'
    import { NestFactory } from '@nestjs/core'
    import { CACHE_MANAGER, cacheModule } from './recipe.ts'
    const app = await NestFactory.createApplicationContext(await cacheModule, { logger: false })
    const cache = app.get(CACHE_MANAGER)
    const startedAt = performance.now()
    await cache.set('user', { name: 'Ada' })
    console.log(JSON.stringify([await cache.get('user') ?? null, await cache.get('other') ?? null, performance.now() - startedAt < ${BOUNDED}]))
    await app.close()
    process.exit(0)`)
  expect(well).toEqual([{ name: 'Ada' }, null, true])
  expect(away).toEqual([null, null, true])
})

test('got', { timeout: TIMEOUT }, async () => {
  await project.follow('got')
  let asked = 0
  const site = createServer((_request, response) => {
    asked += 1
    response.setHeader('cache-control', 'max-age=60').end('page')
  })
  await once(site.listen(0, '127.0.0.1'), 'listening')
  const address = site.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
  const [well, away] = await bothWays(`
    import { client } from './recipe.ts'
    const startedAt = performance.now()
    const bodies = []
    for (let round = 0; round < 3; round += 1) {
      bodies.push((await client(${JSON.stringify(url)}, { retry: { limit: 0 } })).body)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    console.log(JSON.stringify([...bodies, performance.now() - startedAt < ${BOUNDED}]))
    process.exit(0)`)
  expect([well, away]).toEqual(Array.from({ length: 2 }, () => ['page', 'page', 'page', true]))
  // The first of those with a cache, and all without one.
  expect(asked).toBe(4)
  site.close()
})

test('Apollo’s KeyvAdapter', { timeout: TIMEOUT }, async () => {
  await project.follow('apollo')
  const [well, away] = await bothWays(`
    import { cache } from './recipe.ts'
    const startedAt = performance.now()
    await cache.set('query', 'text', { ttl: 60 })
    console.log(JSON.stringify([await cache.get('query') ?? null, await cache.get('other') ?? null, performance.now() - startedAt < ${BOUNDED}]))
    process.exit(0)`)
  expect(well).toEqual(['text', null, true])
  expect(away).toEqual([null, null, true])
})

test('pino says why, as JSON', { timeout: TIMEOUT }, async () => {
  await project.follow('pino')
  await proxy.set('silent')
  const { stdout } = await project.run(`import { cache } from './recipe.ts'; await cache.get('planted-key'); await cache.get('planted-key')`, {
    REDIS_URL: proxy.url.replace('redis://', 'redis://:planted-password@'),
  })
  await proxy.set('healthy')
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly event: object })
  expect(lines.map(({ event }) => event)).toEqual([
    expect.objectContaining({ type: 'cooldown', reason: 'timeout' }),
    expect.objectContaining({
      type: 'degraded',
      error: expect.objectContaining({ code: 'timeout', message: expect.any(String) as string }) as object,
    }),
    expect.objectContaining({ type: 'degraded', reason: 'cooldown' }),
  ])
  expect(stdout).not.toMatch(/planted/)
})

test('a function on Vercel, over REST', { timeout: TIMEOUT }, async () => {
  await project.follow('vercel')
  await using upstash = await startUpstash({ redis: redis.url })
  const code = `
    import { GET } from './recipe.ts'
    const startedAt = performance.now()
    const ask = async () => { const response = await GET(new Request('https://a.test/page')); return [await response.text(), response.headers.get('x-cache')] }
    console.log(JSON.stringify([await ask(), await ask(), performance.now() - startedAt < ${BOUNDED}]))`
  const seen: unknown[] = []
  for (const fault of ['healthy', 'noHeaders'] as const) {
    upstash.set(fault)
    const { stdout, stderr } = await project.run(code, { KV_REST_API_URL: upstash.url, KV_REST_API_TOKEN: upstash.token })
    seen.push(JSON.parse(stdout || JSON.stringify(stderr)))
  }
  expect(seen).toEqual([
    [['made for /page', 'miss'], ['made for /page', 'hit'], true],
    [['made for /page', 'degraded'], ['made for /page', 'degraded'], true],
  ])
})
