import { createCache } from 'fastmiss'
import { type FaultProxy, faultProxy, type LocalRedis, startRedis } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Source, startSource } from '../support/start-source.ts'
import { type Application, type ApplicationServer, buildApplication, installPackage } from './support/applications.ts'

/** What tells one answer from another: a page that is kept names its rendering; all others a number of the source, which goes up. */
const ANSWERS = {
  '/': /<p>\/ shows \d+, rendering ([\da-f-]{36})<\/p>/,
  '/rendered-each-time': /<p>\/rendered-each-time shows (\d+), /,
  '/api/products/apple': /^(\d+)$/,
  '/api/offers': /^(\d+)$/,
} as const
const PATHS = ['/', '/rendered-each-time', '/api/products/apple', '/api/offers'] as const
/** Room for a busy machine, which takes a Redis for sick that is not. */
const LONG = { timeout: 15_000 }

let redis: LocalRedis
let source: Source
let proxy: FaultProxy
let nuxt: Application
let nitro: Application
let one: ApplicationServer
let other: ApplicationServer
beforeAll(async () => {
  redis = await startRedis()
  source = await startSource()
  proxy = await faultProxy({ target: redis.url })
  await installPackage()
  ;[nuxt, nitro] = await Promise.all([buildApplication('nuxt'), buildApplication('nitro')])
  const instances = [proxy.url, redis.url].map((url) => nuxt.start({ REDIS_URL: url, SHOP_URL: source.url }))
  ;[one, other] = (await Promise.all(instances)) as [ApplicationServer, ApplicationServer]
}, 150_000)
afterAll(async () => {
  await Promise.all([one, other].map((server) => server?.stop()))
  await Promise.all([nuxt, nitro].map((built) => built?.[Symbol.asyncDispose]()))
  await proxy?.stop()
  await source?.[Symbol.asyncDispose]()
  await redis?.stop()
})

async function read(server: ApplicationServer, path: (typeof PATHS)[number]): Promise<string> {
  const { status, text } = await server.get(path)
  expect([status, text]).toEqual([200, expect.stringMatching(ANSWERS[path])])
  return ANSWERS[path].exec(text)?.[1] ?? ''
}

test('applications whose cache is the driver are built without a warning of it', () => {
  expect(nuxt.said).toContain('Nuxt Nitro server built')
  expect(nitro.said).toContain('Nitro Server built')
  expect(nitro.said).not.toMatch(/warn|error|unresolved|circular/i)
  // Nuxt and Vite may warn of what is not ours, such as the time that plugins take.
  expect(nuxt.said).not.toMatch(/unresolved|circular|not be resolved|node_modules\/fastmiss/i)
})

test.each(PATHS)('what one instance made for %s is served by the other, and not made again', async (path) => {
  // Nitro answers before it stores.
  await expect.poll(async () => (await read(one, path)) === (await read(other, path)), LONG).toBe(true)
  const made = await read(one, path)
  const asked = source.count('apple') + source.count('offers')
  for (const server of [other, one, other]) expect(await read(server, path)).toBe(made)
  expect(source.count('apple') + source.count('offers')).toBe(asked)
})

test('where Redis is silent every answer is made anew within the bound, and nothing loops', async () => {
  await proxy.set('silent')
  const attempts = proxy.counters.connections
  const startedAt = performance.now()
  const answers: string[] = []
  for (let round = 0; round < 4; round += 1) {
    for (const path of PATHS) {
      const askedAt = performance.now()
      answers.push(`${path} ${await read(one, path)}`)
      // One timeout of 250 ms at most, and for most of them none. Room for a busy machine.
      expect(performance.now() - askedAt).toBeLessThan(1_500)
    }
  }
  expect(new Set(answers).size).toBe(answers.length)
  expect(proxy.counters.connections - attempts).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 1_000)
  const after = proxy.counters.connections
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(proxy.counters.connections).toBe(after)
})

test('where Redis is back, both serve the same again', async () => {
  await proxy.set('healthy')
  for (const path of PATHS) await expect.poll(async () => (await read(one, path)) === (await read(other, path)), LONG).toBe(true)
})

test('where nothing says where Redis is it answers, and prints which variables are missing', async () => {
  const lost = await nuxt.start({ REDIS_URL: '', UPSTASH_REDIS_REST_URL: '', KV_REST_API_URL: '', SHOP_URL: source.url })
  for (const path of PATHS) expect(await read(lost, path)).not.toBe(await read(lost, path))
  expect(lost.output()).toContain('no Redis is configured. Set REDIS_URL')
  await lost.stop()
})

test('an instance ends when it is told to, and leaves no connection', async () => {
  for (const server of [one, other]) {
    expect(server.output()).not.toMatch(/unhandled|TypeError|\[cache\]/i)
    expect(await server.stop()).toBeLessThan(5_000)
  }
  await proxy.until(({ open }) => open === 0)
})

test('an application of Nitro alone keeps in Redis what its cached handlers and functions made', async () => {
  const server = await nitro.start({ REDIS_URL: redis.url })
  for (const path of ['/page', '/product']) {
    const twice = async (): Promise<boolean> => (await server.get(path)).text === (await server.get(path)).text
    await expect.poll(twice, LONG).toBe(true)
  }
  const stored: string[] = []
  for await (const key of createCache({ url: redis.url, namespace: 'app', timeout: 5_000 }).keys()) stored.push(key)
  expect(stored).toEqual(expect.arrayContaining([expect.stringContaining('handlers:page'), expect.stringContaining('functions:product')]))
  expect(await server.stop()).toBeLessThan(5_000)
})
