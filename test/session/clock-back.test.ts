import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createCache } from 'fastmiss'
import { faultProxy, type LocalRedis, startRedis } from 'fastmiss/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

let redis: LocalRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
afterEach(() => void vi.restoreAllMocks())

const systemNow = Date.now

/** The clock is set back by an hour from now on. */
function setClockBack(): void {
  vi.spyOn(Date, 'now').mockImplementation(() => systemNow() - 3_600_000)
}

/** Much more than any timeout here, and much less than an hour. */
const BOUND = 5_000

async function bounded<Value>(work: Promise<Value>): Promise<Value> {
  const startedAt = performance.now()
  const value = await work
  expect(performance.now() - startedAt).toBeLessThan(BOUND)
  return value
}

test('the clock is set back while a kept connection dies: the retry ends within the timeout', async () => {
  let isSick = false
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket
      .on('error', () => {})
      .on('data', () => {
        if (!isSick) return socket.write('$13\r\n{"value":"v"}\r\n')
        setClockBack()
        return socket.destroy()
      })
    if (isSick) socket.removeAllListeners('data')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const url = `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const cache = createCache({ url, connection: 'reuse', timeout: 250 })
  expect(await cache.get('a')).toBe('v')
  isSick = true
  expect(await bounded(cache.lookup('b'))).toMatchObject({ status: 'degraded', reason: 'timeout' })
  await cache.close()
  for (const socket of open) socket.destroy()
  server.close()
})

test('the clock is set back between the two round trips of a write with tags: the second is bounded by the timeout', async () => {
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, timeout: 1_500 })
  await proxy.set('slow', { delay: 1_000 })
  const writing = cache.set('k', 1, { tags: ['t'] })
  await new Promise((resolve) => setTimeout(resolve, 50))
  setClockBack()
  // The second answer would come after two seconds.
  expect(await bounded(writing)).toBe(false)
})

test('the clock is set back in the middle of a clear: it ends within its bound', async () => {
  const full = createCache({ url: redis.url, namespace: 'full', timeout: 5_000 })
  await full.setMany(Array.from({ length: 5_000 }, (_, index) => ({ key: `k${index}`, value: index })))
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, namespace: 'full', timeout: 1_000 })
  await proxy.set('slow', { delay: 100 })
  const clearing = cache.clear({ timeout: 250 })
  await new Promise((resolve) => setTimeout(resolve, 50))
  setClockBack()
  expect(await bounded(clearing)).toBe(false)
})

test('the clock is set back during a cooldown: it is over', async () => {
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, timeout: 1_000 })
  await proxy.set('refuse')
  expect(await cache.lookup('k')).toMatchObject({ reason: 'unreachable' })
  expect(await cache.lookup('k')).toMatchObject({ reason: 'cooldown' })
  await proxy.set('healthy')
  setClockBack()
  expect(await cache.lookup('absent')).toEqual({ status: 'miss' })
})
