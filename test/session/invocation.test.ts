import { CacheError, type CacheEvent, createCache, type Transport } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test, vi } from 'vitest'

async function behindProxy() {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  return {
    redis,
    proxy,
    url: proxy.url,
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await redis.stop()
    },
  }
}

test('an invocation opens one connection, at its first command, and close() ends it', async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url, timeout: 2_000 })
  const invocation = cache.invocation()
  await cache.preload()
  expect(given.proxy.counters.connections).toBe(0)
  await Promise.all([invocation.set('a', 1), invocation.get('b'), invocation.getMany(['c', 'd'])])
  await invocation.get('a')
  expect(given.proxy.counters).toMatchObject({ connections: 1, open: 1 })
  await invocation.close()
  await given.proxy.until(({ open }) => open === 0)
  expect(given.proxy.counters.connections).toBe(1)
})

test('what was asked for before close() is answered; what comes after is degraded: closed', async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url, timeout: 2_000 })
  const invocation = cache.invocation()
  const before = [invocation.set('a', 1), invocation.get('a')]
  const closing = invocation.close()
  const after = invocation.lookup('a')
  expect(await Promise.all(before)).toEqual([true, 1])
  expect(await after).toMatchObject({ status: 'degraded', reason: 'closed' })
  expect(await invocation.set('a', 2)).toBe(false)
  await closing
  await invocation.close()
})

test('close() on a silent server waits for the deadline of what is in flight, and goes to waitUntil', async () => {
  await using given = await behindProxy()
  await given.proxy.set('silent')
  const cache = createCache({ url: given.url, timeout: 100 })
  const kept: Promise<unknown>[] = []
  const invocation = cache.invocation({ waitUntil: (promise) => kept.push(promise) })
  const answer = invocation.lookup('a')
  const startedAt = performance.now()
  void invocation.close()
  expect(kept).toHaveLength(1)
  await Promise.all(kept)
  expect(performance.now() - startedAt).toBeLessThan(1_000)
  expect(await answer).toMatchObject({ status: 'degraded', reason: 'timeout' })
  await given.proxy.until(({ open }) => open === 0)
})

test('waitUntil is told of the closing once, and one that throws disturbs nobody', async () => {
  const cache = createCache({ url: 'memory:' })
  const kept: Promise<unknown>[] = []
  const invocation = cache.invocation({ waitUntil: (promise) => kept.push(promise) })
  await Promise.all([invocation.close(), invocation.close()])
  await invocation.close()
  expect(kept).toHaveLength(1)
  const refused = cache.invocation({
    waitUntil() {
      throw new Error('the request is over')
    },
  })
  await refused.set('a', 1)
  await expect(refused.close()).resolves.toBeUndefined()
})

test('await using closes', async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url, timeout: 2_000 })
  {
    await using invocation = cache.invocation()
    await invocation.set('a', 1)
    expect(given.proxy.counters.open).toBe(1)
  }
  await given.proxy.until(({ open }) => open === 0)
})

test('the first failure of the connection degrades the rest of the invocation at once', async () => {
  await using given = await behindProxy()
  await given.proxy.set('silent')
  const cache = createCache({ url: given.url, timeout: 100, cooldown: 0, maxCooldown: 0 })
  await using invocation = cache.invocation()
  expect(await invocation.lookup('a')).toMatchObject({ reason: 'timeout' })
  const startedAt = performance.now()
  expect(await invocation.lookup('a')).toMatchObject({ reason: 'cooldown' })
  expect(performance.now() - startedAt).toBeLessThan(50)
  expect(given.proxy.counters.connections).toBe(1)
})

test('a connection that died idle within an invocation is replaced by the next operation, once', async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url, timeout: 2_000 })
  await using invocation = cache.invocation()
  await invocation.set('a', 1)
  given.proxy.cut()
  await given.proxy.until(({ open }) => open === 0)
  expect(await invocation.get('a')).toBe(1)
  given.proxy.cut('reset')
  expect(await invocation.get('a')).toBe(1)
  expect(given.proxy.counters.connections).toBe(3)
})

test.each([
  ['a moment before the clock says so, as timers do', 99, 'deadline'],
  ['long before it', 90, 'timeout'],
])('a wait that ends %s is told as what ended it', async (_name, ended, reason) => {
  const begunAt = Date.now()
  const clock = vi.spyOn(Date, 'now').mockReturnValue(begunAt)
  const transport: Transport = {
    name: 'tcp',
    spansSlots: false,
    open: () => ({
      isUsable: true,
      close: () => {},
      async send(commands) {
        clock.mockReturnValue(begunAt + ended)
        return commands.map(() => new CacheError('timeout', 'No answer', { isFatal: true, isOutage: true }))
      },
    }),
  }
  try {
    await using invocation = createCache({ transport }).invocation({ deadline: begunAt + 100 })
    expect(await invocation.lookup('a')).toMatchObject({ status: 'degraded', reason })
  } finally {
    clock.mockRestore()
  }
})

test('a deadline in the past degrades at once; one before the timeout bounds the wait and trips no cooldown', async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url, timeout: 5_000 })
  await using past = cache.invocation({ deadline: Date.now() - 1 })
  expect(await past.lookup('a')).toMatchObject({ reason: 'deadline' })
  expect(given.proxy.counters.connections).toBe(0)
  await given.proxy.set('silent')
  await using soon = cache.invocation({ deadline: Date.now() + 100 })
  const answer = await soon.lookup('a')
  expect(answer).toMatchObject({ reason: 'deadline' })
  expect(answer.status === 'degraded' && answer.ms).toBeLessThan(1_000)
  await given.proxy.set('healthy')
  expect(await cache.lookup('a')).toEqual({ status: 'miss' })
})

test('an aborted signal answers everything pending at once and leaves no connection', async () => {
  await using given = await behindProxy()
  await given.proxy.set('silent')
  const cache = createCache({ url: given.url, timeout: 5_000 })
  const controller = new AbortController()
  await using invocation = cache.invocation({ signal: controller.signal })
  const answers = [invocation.lookup('a'), invocation.set('b', 1), invocation.getMany(['c'])]
  await given.proxy.until(({ open }) => open === 1)
  controller.abort()
  expect(await Promise.all(answers)).toMatchObject([{ reason: 'aborted' }, false, [undefined]])
  expect(await invocation.lookup('a')).toMatchObject({ reason: 'aborted' })
  await given.proxy.until(({ open }) => open === 0)
  await given.proxy.set('healthy')
  expect(await cache.lookup('a')).toEqual({ status: 'miss' })
})

test("one call's signal and timeout end that call only", async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url, timeout: 5_000 })
  await using invocation = cache.invocation()
  await invocation.set('a', 1)
  await given.proxy.set('freeze')
  const controller = new AbortController()
  const aborted = invocation.lookup('a', { signal: controller.signal })
  const short = invocation.lookup('a', { timeout: 50 })
  const patient = invocation.lookup('a')
  controller.abort()
  expect(await aborted).toMatchObject({ reason: 'aborted' })
  expect(await short).toMatchObject({ reason: 'timeout' })
  await given.proxy.set('healthy')
  expect(await patient).toMatchObject({ status: 'hit', value: 1 })
  expect(given.proxy.counters.connections).toBe(1)
})

test('a signal that is aborted already sends nothing', async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url })
  expect(await cache.lookup('a', { signal: AbortSignal.abort() })).toMatchObject({ reason: 'aborted' })
  await using invocation = cache.invocation({ signal: AbortSignal.abort() })
  expect(await invocation.lookup('a')).toMatchObject({ reason: 'aborted' })
  expect(given.proxy.counters.connections).toBe(0)
})

test('a call that is aborted while the driver loads ends at once, also one with a timeout, and nothing is sent or left open', async () => {
  await using given = await behindProxy()
  const controllers = [0, 1, 2].map(() => new AbortController())
  // A cache for each: a driver that is there already takes another way.
  const answers = controllers.map(async ({ signal }, index) => {
    const cache = createCache({ url: given.url, timeout: 2_000 })
    const invocation = cache.invocation()
    const asked = [cache, invocation, invocation][index]?.lookup('a', index === 2 ? { signal, timeout: 1_000 } : { signal })
    await invocation.close()
    await cache.preload()
    await cache.close()
    return asked
  })
  for (const controller of controllers) controller.abort()
  expect(await Promise.all(answers)).toMatchObject([{ reason: 'aborted' }, { reason: 'aborted' }, { reason: 'aborted' }])
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(given.proxy.counters.connections).toBe(0)
})

test('a burst of root calls is one connection, and sequential ones share it too', async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url, timeout: 2_000 })
  await Promise.all(Array.from({ length: 1_000 }, (_, index) => cache.set(`k${index}`, index)))
  for (let index = 0; index < 20; index += 1) expect(await cache.get(`k${index}`)).toBe(index)
  expect(given.proxy.counters.connections).toBe(1)
  await given.proxy.until(({ open }) => open === 0)
})

test('reuse keeps one connection between invocations, and replaces it within the same call once it died', async () => {
  await using given = await behindProxy()
  const cache = createCache({ url: given.url, timeout: 2_000, connection: 'reuse' })
  for (let round = 0; round < 5; round += 1) {
    await using invocation = cache.invocation()
    expect(await invocation.set('a', round)).toBe(true)
  }
  expect(given.proxy.counters).toMatchObject({ connections: 1, open: 1 })
  given.proxy.cut('reset')
  const invocations = Array.from({ length: 10 }, () => cache.invocation())
  expect(await Promise.all(invocations.map((invocation) => invocation.get('a')))).toEqual(Array.from({ length: 10 }, () => 4))
  expect(given.proxy.counters.connections).toBe(2)
})

test('short timeouts of single calls add up to an outage that is remembered', async () => {
  await using given = await behindProxy()
  await given.proxy.set('silent')
  const cache = createCache({ url: given.url, timeout: 200 })
  const reasons: (string | undefined)[] = []
  for (let call = 0; call < 12; call += 1) {
    const answer = await cache.lookup('a', { timeout: 50 })
    reasons.push(answer.status === 'degraded' ? answer.reason : undefined)
  }
  // A wait that a busy machine drew out counts for nothing, so that there may be more than four.
  const timeouts = reasons.indexOf('cooldown')
  expect(timeouts).toBeGreaterThanOrEqual(4)
  expect(reasons).toEqual(reasons.map((_, call) => (call < timeouts ? 'timeout' : 'cooldown')))
  expect(given.proxy.counters.connections).toBeLessThanOrEqual(timeouts)
})

test('many calls that wait a little at the same time are no outage: the connection may only be slow to open', async () => {
  await using given = await behindProxy()
  await given.proxy.set('silent')
  const cooldowns: CacheEvent[] = []
  const cache = createCache({ url: given.url, timeout: 5_000, onEvent: (event) => void (event.type === 'cooldown' && cooldowns.push(event)) })
  const answers = await Promise.all(Array.from({ length: 200 }, () => cache.lookup('a', { timeout: 30 })))
  expect(answers.every((answer) => answer.status === 'degraded' && answer.reason === 'timeout')).toBe(true)
  expect(cooldowns).toEqual([])
})

test.each(['per-invocation', 'reuse'] as const)(
  'one call waits for the probe of an outage, the others that come meanwhile do not (%s)',
  async (connection) => {
    await using given = await behindProxy()
    await given.proxy.set('silent')
    const cache = createCache({ url: given.url, timeout: 300, cooldown: 300, maxCooldown: 300, connection })
    expect(await cache.lookup('a')).toMatchObject({ reason: 'timeout' })
    await new Promise((resolve) => setTimeout(resolve, 320))
    const probe = cache.lookup('a')
    await new Promise(setImmediate)
    const others = [cache.lookup('a'), cache.lookup('b', { timeout: 200 })]
    expect(await Promise.all(others)).toMatchObject([{ reason: 'cooldown' }, { reason: 'cooldown' }])
    await given.proxy.set('healthy')
    expect(await probe).toMatchObject({ status: 'degraded' })
    await cache.close()
    expect(given.proxy.counters.connections).toBe(2)
  },
)

test('health() tries in spite of the cooldown, and its answer ends it', async () => {
  await using given = await behindProxy()
  await given.proxy.set('refuse')
  const cache = createCache({ url: given.url, timeout: 500, cooldown: 60_000, maxCooldown: 60_000 })
  expect(await cache.lookup('a')).toMatchObject({ reason: 'unreachable', phase: 'connect' })
  expect(await cache.health()).toMatchObject({ status: 'degraded', reason: 'unreachable' })
  await given.proxy.set('healthy')
  expect(await cache.lookup('a')).toMatchObject({ reason: 'cooldown' })
  expect(await cache.health()).toMatchObject({ status: 'ok' })
  expect(await cache.lookup('a')).toEqual({ status: 'miss' })
})
