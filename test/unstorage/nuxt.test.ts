import { type FaultProxy, faultProxy, type LocalRedis, startRedis } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildNitro, type NitroApp, type NitroServer } from './support/nitro.ts'

const PATHS = ['/page', '/product'] as const
/** Room for a busy machine, which takes a Redis for sick that is not. */
const LONG = { timeout: 15_000 }

let redis: LocalRedis
let proxy: FaultProxy
let app: NitroApp
let one: NitroServer
let other: NitroServer
beforeAll(async () => {
  redis = await startRedis()
  proxy = await faultProxy({ target: redis.url })
  app = await buildNitro()
  ;[one, other] = await Promise.all([app.start({ REDIS_URL: proxy.url }), app.start({ REDIS_URL: redis.url })])
}, 100_000)
afterAll(async () => {
  await Promise.all([one, other].map((server) => server?.stop()))
  await app?.[Symbol.asyncDispose]()
  await proxy?.stop()
  await redis?.stop()
})

const read = async (server: NitroServer, path: string): Promise<string> => {
  const { status, text } = await server.get(path)
  expect(status).toBe(200)
  return text
}

test('an application whose cache is the driver is built without a warning, and without an address of Redis', () => {
  expect(app.said).toContain('Nitro Server built')
  expect(app.said).not.toMatch(/warn|error|unresolved|circular/i)
})

test.each(PATHS)('what one instance made for %s is served by the other', async (path) => {
  // Nitro answers before it stores.
  await expect.poll(async () => (await read(one, path)) === (await read(other, path)), LONG).toBe(true)
  const made = await read(one, path)
  expect(await read(other, path)).toBe(made)
  expect(await read(one, path)).toBe(made)
})

test('where Redis is silent every answer is made anew within the bound, and nothing loops', async () => {
  await proxy.set('silent')
  const attempts = proxy.counters.connections
  const startedAt = performance.now()
  const answers: string[] = []
  for (let round = 0; round < 8; round += 1) {
    for (const path of PATHS) {
      const { status, text, ms } = await one.get(path)
      expect(status).toBe(200)
      // One timeout of 250 ms at most, and for most of them none. Room for a busy machine.
      expect(ms).toBeLessThan(1_500)
      answers.push(text)
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
  const lost = await app.start({ REDIS_URL: '', UPSTASH_REDIS_REST_URL: '', KV_REST_API_URL: '' })
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
