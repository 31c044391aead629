import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createCache, type CacheEvent, type CacheOptions } from 'fastmiss'
import { faultProxy, type LocalRedis, startRedis } from 'fastmiss/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'

let redis: LocalRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())
afterEach(() => void vi.restoreAllMocks())

const systemNow = Date.now

/** Moves the clock on, by ms from where it really is. */
function moveClock(ahead: number): void {
  vi.spyOn(Date, 'now').mockImplementation(() => systemNow() + ahead)
}

/** A way to Redis on which what is open can fall silent, as behind a middlebox that forgot it, while what is new works. */
async function forgetful() {
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer((client) => {
    connections += 1
    const upstream = connect(redis.port, '127.0.0.1')
    client
      .on('error', () => {})
      .on('close', () => {
        open.delete(client)
        upstream.destroy()
      })
    upstream.on('error', () => {}).on('close', () => client.destroy())
    client.pipe(upstream).pipe(client)
    open.add(client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    url: `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    connections: () => connections,
    open: () => open.size,
    forget() {
      for (const client of open) client.unpipe().pause()
    },
    async [Symbol.asyncDispose]() {
      for (const client of open) client.destroy()
      server.close()
    },
  }
}

/** A cache that keeps its connection and has used it, and what it tells but for answers. */
async function keeping(options: CacheOptions) {
  const events: string[] = []
  const onEvent = ({ type }: CacheEvent): void => void (/^(connect|cooldown)$/.test(type) && events.push(type))
  const cache = createCache({ ...options, connection: 'reuse', onEvent })
  expect(await cache.set('a', 1)).toBe(true)
  return { cache, events }
}

test('many calls at once on a kept connection that fell silent are no outage: one fresh connection answers them all', async () => {
  await using way = await forgetful()
  const { cache, events } = await keeping({ url: way.url, timeout: 500 })
  moveClock(2_000)
  way.forget()
  const answers: Promise<unknown>[] = []
  for (let call = 0; call < 8; call += 1) {
    answers.push(cache.get('a'))
    await new Promise(setImmediate)
  }
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 8 }, () => 1))
  expect(events).toEqual(['connect', 'connect'])
  expect(way.connections()).toBe(2)
  await cache.close()
})

test('a cache that is closed while a dead connection is replaced leaves neither of them open', async () => {
  await using way = await forgetful()
  const { cache } = await keeping({ url: way.url, timeout: 500 })
  moveClock(2_000)
  way.forget()
  await using invocation = cache.invocation()
  const answer = invocation.get('a')
  await new Promise(setImmediate)
  await cache.close()
  expect(await answer).toBe(1)
  // The forgotten one, which sees nothing any more.
  await expect.poll(() => way.open()).toBe(1)
  expect(way.connections()).toBe(2)
})

test("the end of one invocation's time is no outage for those that share its connection", async () => {
  await using proxy = await faultProxy({ target: redis.url })
  const { cache, events } = await keeping({ url: proxy.url, timeout: 5_000 })
  await proxy.set('slow', { delay: 200 })
  await using patient = cache.invocation()
  const answer = patient.lookup('a')
  await new Promise(setImmediate)
  await using hurried = cache.invocation({ deadline: Date.now() + 50 })
  expect(await hurried.lookup('a')).toMatchObject({ reason: 'deadline' })
  expect(await answer).toMatchObject({ status: 'hit', value: 1 })
  expect(events).toEqual(['connect', 'connect'])
  await cache.close()
})

test('a kept connection is not idle while an answer is awaited', async () => {
  await using proxy = await faultProxy({ target: redis.url })
  const { cache } = await keeping({ url: proxy.url, timeout: 5_000 })
  await proxy.set('slow', { delay: 200 })
  moveClock(29_000)
  const first = cache.lookup('a')
  await new Promise(setImmediate)
  moveClock(31_000)
  expect(await Promise.all([first, cache.lookup('a')])).toMatchObject([{ status: 'hit' }, { status: 'hit' }])
  expect(proxy.counters.connections).toBe(1)
  await cache.close()
})
