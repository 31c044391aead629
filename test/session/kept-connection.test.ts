import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { CacheError, createCache, type CacheEvent, type CacheOptions, type Transport } from 'fastmiss'
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

test.each([
  ['had less time than it', () => ({ timeout: 20 })],
  ['gave up', () => ({ signal: AbortSignal.timeout(20) })],
])('a kept connection that turns out dead is not replaced where all who asked have their answer: who %s', async (_, call) => {
  let dials = 0
  let die = (): void => {}
  const lost = new CacheError('unreachable', 'The connection was lost', { isFatal: true, isOutage: true, isLost: true })
  const transport: Transport = {
    name: 'fake',
    spansSlots: false,
    open() {
      dials += 1
      let sent = 0
      const dead = new Promise<void>((resolve) => (die = resolve))
      return {
        isUsable: true,
        close: () => {},
        async send(commands) {
          sent += 1
          if (sent > 1) await dead
          return commands.map(() => (sent > 1 ? lost : null))
        },
      }
    },
  }
  const cache = createCache({ transport, connection: 'reuse', timeout: 5_000 })
  expect(await cache.lookup('a')).toEqual({ status: 'miss' })
  expect(await cache.lookup('a', call())).toMatchObject({ status: 'degraded', reason: expect.stringMatching(/timeout|aborted/) })
  die()
  await new Promise((resolve) => setImmediate(resolve))
  expect(dials).toBe(1)

  // Somebody waits still: one more is dialled, for both.
  expect(await cache.lookup('a')).toEqual({ status: 'miss' })
  expect(dials).toBe(2)
  const [patient, hasty] = [cache.lookup('a'), cache.lookup('a', call())]
  expect(await hasty).toMatchObject({ status: 'degraded' })
  die()
  expect(await patient).toEqual({ status: 'miss' })
  expect(dials).toBe(3)
})
