import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createCache } from 'fastmiss'
import { faultProxy, startRedis, testCache } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { isolates } from './support/isolates.ts'
import { gate } from './support/wires.ts'

const PROCESSES = 8
const program = fileURLToPath(new URL('support/stampede.ts', import.meta.url))

/** How often the loaders of eight processes were called, all told, that ask for a missing value at the same instant. */
async function stampede(options: object): Promise<number> {
  await using redis = await startRedis()
  const startAt = Date.now() + 4_000
  const run = promisify(execFile)
  const outputs = await Promise.all(
    Array.from({ length: PROCESSES }, () =>
      run(process.execPath, [program, redis.url, String(startAt), JSON.stringify(options)], { timeout: 30_000 }),
    ),
  )
  const answers = outputs.map(({ stdout }) => JSON.parse(stdout) as { calls: number; isRight: boolean })
  expect(answers.map(({ isRight }) => isRight)).toEqual(answers.map(() => true))
  return answers.reduce((sum, { calls }) => sum + calls, 0)
}

test('800 misses in eight processes call the loader at most once in each', { timeout: 60_000 }, async () => {
  expect(await stampede({})).toBeLessThanOrEqual(PROCESSES)
})

test('with the lease on misses they call it once', { timeout: 60_000 }, async () => {
  expect(await stampede({ lease: true })).toBe(1)
})

test('who waits for a lease waits no longer than the timeout, and then loads', async () => {
  await using redis = await startRedis()
  const leader = createCache({ url: redis.url, timeout: 2_000 })
  const follower = createCache({ url: redis.url, timeout: 2_000 })
  const { opened, open } = gate()
  const slow = leader.wrap('k', () => opened.then(() => 'leader'), { lease: true })
  const plain = createCache({ url: redis.url }).invocation()
  await expect.poll(() => plain.lookup('k')).toBeDefined()
  await new Promise((resolve) => setTimeout(resolve, 50))
  const startedAt = performance.now()
  expect(await follower.wrapped('k', () => 'follower', { lease: true, timeout: 300 })).toMatchObject({ value: 'follower', stored: true })
  const waited = performance.now() - startedAt
  expect(waited).toBeGreaterThanOrEqual(290)
  expect(waited).toBeLessThan(1_500)
  open()
  expect(await slow).toBe('leader')
  await plain.close()
})

test('the answers of a slow Redis count for the wait for a lease', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const { opened, open } = gate()
  const called = gate()
  await using near = createCache({ url: redis.url, timeout: 2_000 }).invocation()
  const load = (): Promise<string> => {
    called.open()
    return opened.then(() => 'leader')
  }
  const leading = near.wrap('k', load, { lease: true })
  await called.opened
  await proxy.set('slow', { delay: 150 })
  await using far = createCache({ url: proxy.url, timeout: 400 }).invocation()
  await far.get('another')
  const startedAt = performance.now()
  expect(await far.wrap('k', () => 'follower', { lease: true })).toBe('follower')
  const waited = performance.now() - startedAt
  open()
  await leading
  // The read, the wait, the write. A look every 150 ms for pauses of 400 ms in all would be 1,700.
  expect(waited).toBeLessThan(1_200)
})

test('a leader whose loader fails leaves the lease to the next, at once', async () => {
  const { isolate } = isolates()
  const { opened, open } = gate()
  const failing = isolate()
    .wrap('k', () => opened.then(() => Promise.reject(new Error('down'))), { lease: true })
    .catch(String)
  await new Promise(setImmediate)
  const next = isolate({ timeout: 5_000 }).wrapped('k', () => 2, { lease: true })
  await new Promise((resolve) => setTimeout(resolve, 30))
  const startedAt = performance.now()
  open()
  expect(await failing).toBe('Error: down')
  expect(await next).toMatchObject({ value: 2, status: 'miss', stored: true })
  expect(performance.now() - startedAt).toBeLessThan(2_000)
})

test('who waited for the lease and finds the value has a hit, and holds no lease', async () => {
  const { isolate } = isolates()
  const { opened, open } = gate()
  const first = isolate().wrap('k', () => opened.then(() => 1), { lease: true, ttl: 60_000 })
  await new Promise(setImmediate)
  const second = isolate({ timeout: 5_000 }).wrapped('k', () => 2, { lease: true, ttl: 60_000 })
  await new Promise((resolve) => setTimeout(resolve, 30))
  open()
  expect(await first).toBe(1)
  expect(await second).toEqual({ value: 1, status: 'hit', age: 0, stored: true, from: 'redis' })
  const third = isolate({ timeout: 5_000 })
  await third.delete('k')
  const startedAt = performance.now()
  expect(await third.wrap('k', () => 3, { lease: true })).toBe(3)
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})

test('a lease on a miss costs one round trip and is given back with the write', async () => {
  await using cache = testCache()
  await cache.wrap('k', () => 1, { lease: 5_000 })
  expect(
    cache.commands.map(([name, key, , flag]) => `${name ?? ''} ${key?.includes('lease') === true ? 'lease' : 'entry'} ${flag ?? ''}`.trim()),
  ).toEqual(['GET entry', 'SET lease NX', 'GET entry', 'SET entry', 'DEL lease'])
  expect(cache.counters.requests).toBe(3)
  expect(cache.commands[1]?.at(-1)).toBe('5000')
})
