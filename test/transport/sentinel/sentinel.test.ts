import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type CacheEvent, type CacheOptions, type CacheResult, createCache } from 'fastmiss'
import { sentinel as sentinelTransport } from 'fastmiss/tcp'
import { type FaultProxy, faultProxy, type LocalSentinel, startRedis, startSentinel } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fastest, timed } from '../cluster/support/proxied-cluster.ts'

/** A failover takes the sentinels two seconds, and a busy machine longer. */
vi.setConfig({ testTimeout: 60_000 })

const COOLDOWN = 300
/** What a busy machine may add. */
const SLACK = 1_000
const AT_ONCE = 5

let watched: LocalSentinel
const sentinelCredentials = async () => ({ password: 'watch' })

beforeAll(async () => {
  watched = await startSentinel({ password: 's3 cret', sentinelPassword: 'watch', downAfter: 500 })
})
afterAll(() => watched.stop())

function open(options: CacheOptions = {}) {
  const told: CacheEvent[] = []
  const cache = createCache({
    url: watched.url,
    sentinelCredentials,
    namespace: 'app',
    cooldown: COOLDOWN,
    maxCooldown: COOLDOWN,
    onEvent: (event) => void told.push(event),
    ...options,
  })
  return Object.assign(cache, { told })
}

function reasonOf(found: CacheResult<unknown>): string {
  return found.status === 'degraded' ? found.reason : found.status
}

function dialled(told: readonly CacheEvent[]): readonly (string | undefined)[] {
  return told.flatMap((event) => (event.type === 'connect' ? [event.node] : []))
}

test('cold it dials a sentinel and the primary, warm the primary alone', async () => {
  const cache = open({ timeout: 2_000 })
  await cache.preload()
  const primary = await watched.primary()
  expect(await Promise.all(Array.from({ length: 50 }, (_, index) => cache.set(`k${index}`, index)))).not.toContain(false)
  expect(dialled(cache.told)).toEqual([`127.0.0.1:${watched.sentinels[0]?.port}`, `127.0.0.1:${primary.port}`])
  cache.told.length = 0
  await using invocation = cache.invocation()
  expect(await invocation.getMany(['k1', 'k2'])).toEqual([1, 2])
  expect(dialled(cache.told)).toEqual([`127.0.0.1:${primary.port}`])
  expect(await cache.health()).toMatchObject({ status: 'ok', transport: 'sentinel' })
})

test('it takes a database, and one that is handed in is the same', async () => {
  const url = `${watched.url}/3`
  const cache = createCache({ transport: sentinelTransport(url, { sentinelCredentials }), timeout: 2_000 })
  expect(await cache.set('in 3', 1)).toBe(true)
  const primary = await watched.primary()
  expect((await primary.ask(['SELECT', '3'], ['EXISTS', 'in 3']))[1]).toBe(1)
  expect((await primary.ask(['EXISTS', 'in 3']))[0]).toBe(0)
})

test('an unknown name and a wrong password are told as such, and remembered', async () => {
  const unknown = open({ url: watched.url.replace('mymaster', 'other') })
  const found = await unknown.lookup('key')
  expect(reasonOf(found)).toBe('unreachable')
  expect(found.status === 'degraded' && found.error.message).toContain("'other'")
  expect(reasonOf(await unknown.lookup('key'))).toBe('cooldown')
  expect(reasonOf(await open({ sentinelCredentials: async () => ({ password: 'wrong' }) }).lookup('key'))).toBe('auth')
  expect(reasonOf(await open({ url: watched.url.replace('s3%20cret', 'wrong') }).lookup('key'))).toBe('auth')
})

test('sentinels that are silent or refuse cost one timeout, and then nothing', async () => {
  await using proxy = await faultProxy({ target: watched.sentinels[0]?.url ?? '' })
  for (const fault of ['silent', 'refuse'] as const) {
    await proxy.set(fault)
    const cache = open({ nodeAddress: () => `127.0.0.1:${proxy.port}` })
    await cache.preload()
    const first = await timed(() => cache.lookup('key'))
    expect(reasonOf(first.value)).toBe(fault === 'silent' ? 'timeout' : 'unreachable')
    expect(first.ms).toBeLessThan(260 + SLACK)
    expect(reasonOf(await cache.lookup('key'))).toBe('cooldown')
    expect(await fastest(3, () => cache.lookup('key'))).toBeLessThan(AT_ONCE)
  }
})

/** A sentinel whose word is the test's. */
async function scripted(answer: (question: string, reply: (text: string) => void) => void) {
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (data) => {
        for (const [question] of String(data).matchAll(/GET-MASTER|REPLICAS/g)) answer(question, (text) => void socket.write(text))
      })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { server, at: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function bulk(...texts: readonly string[]): string {
  return `*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('')}`
}

test('a primary that comes back soon after it was replaced is asked at once', async () => {
  const servers = await Promise.all([startRedis(), startRedis()])
  const [one, other] = await Promise.all([faultProxy({ target: servers[0].url }), faultProxy({ target: servers[1].url })])
  let [primary, replica] = [one, other]
  const portOf = ({ url }: FaultProxy): string => new URL(url).port
  const { server, at } = await scripted((question, reply) =>
    reply(question === 'REPLICAS' ? `*1\r\n${bulk('ip', '127.0.0.1', 'port', portOf(replica))}` : bulk('127.0.0.1', portOf(primary))),
  )
  const cooldowns = { cooldown: 60_000, maxCooldown: 60_000 }
  const cache = createCache({ url: `redis+sentinel://${at}/m`, connection: 'reuse', readFrom: 'fallback', timeout: 5_000, ...cooldowns })
  for (const [up, down] of [
    [one, other],
    [other, one],
    [one, other],
  ] as const) {
    ;[primary, replica] = [up, down]
    await Promise.all([up.set('healthy'), down.set('refuse')])
    expect(await cache.set('k', 'v')).toBe(true)
  }
  await cache.close()
  await Promise.all([one, other].map((proxy) => proxy.until(({ open }) => open === 0)))
  server.close()
  await Promise.all([one.stop(), other.stop(), ...servers.map((each) => each.stop())])
})

test('of two invocations that ask a sentinel at once, the first answer does not end the question of the second', async () => {
  const { port } = await watched.primary()
  const questions: (() => void)[] = []
  const { server: sentinel, at } = await scripted((_, reply) => questions.push(() => reply(bulk('127.0.0.1', String(port)))))
  const url = watched.url.replace(/@[^/]+/, `@${at}`)
  const cache = createCache({ url, connection: 'reuse', timeout: 5_000 })
  const [first, second] = [cache.invocation(), cache.invocation({ deadline: Date.now() + 4_000 })]
  const answers = [first.lookup('nothing'), second.lookup('nothing')]
  await expect.poll(() => questions.length).toBe(2)
  questions[0]?.()
  expect(await answers[0]).toEqual({ status: 'miss' })
  questions[1]?.()
  expect(await answers[1]).toEqual({ status: 'miss' })
  await Promise.all([first.close(), second.close(), cache.close()])
  await expect.poll(() => new Promise((resolve) => sentinel.getConnections((_, open) => resolve(open)))).toBe(0)
  sentinel.close()
})

test('a silent sentinel gives way to the next', async () => {
  await using proxy = await faultProxy({ target: watched.sentinels[0]?.url ?? '' })
  await proxy.set('silent')
  const first = `127.0.0.1:${watched.sentinels[0]?.port}`
  const cache = open({ timeout: 1_000, nodeAddress: (name) => (name === first ? `127.0.0.1:${proxy.port}` : undefined) })
  await cache.preload()
  const found = await timed(() => cache.lookup('key'))
  expect(found.value.status).toBe('miss')
  expect(found.ms).toBeLessThan(1_000 + SLACK)
})

test.each(['reuse', 'per-invocation'] as const)('a planned failover fails no operation: %s', async (connection) => {
  const cache = open({ connection })
  await expect.poll(() => cache.set('key', 1), { timeout: 20_000 }).toBe(true)
  const failed: string[] = []
  let count = 0
  let isOver = false
  const run = async (): Promise<void> => {
    while (!isOver) {
      count += 1
      if (!(await cache.set('key', count))) failed.push('write')
      // What was just written is read: never the old primary's.
      if ((await cache.get('key')) !== count) failed.push('read')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const running = run()
  await watched.failover()
  const seen = count
  await expect.poll(() => count, { timeout: 20_000 }).toBeGreaterThan(seen + 180)
  isOver = true
  await running
  // A write that the old primary confirmed after its replica was promoted is lost with it: Redis replicates asynchronously.
  expect(failed.filter((what) => what === 'write')).toEqual([])
  expect(failed.length).toBeLessThanOrEqual(2)
  await cache.close()
})

test.each(['kill', 'pause'] as const)(
  '%s of a primary: every operation is bounded, and with fallback a read fails once a cooldown at most',
  { timeout: 60_000 },
  async (how) => {
    const cache = open({ readFrom: 'fallback' })
    await expect.poll(() => cache.set('stays', 'value'), { timeout: 20_000 }).toBe(true)
    const before = await watched.primary()
    const others = watched.nodes.filter((node) => node !== before)
    await expect
      .poll(async () => (await Promise.all(others.map((node) => node.ask(['EXISTS', 'app::stays'])))).every(([count]) => count === 1), {
        timeout: 20_000,
      })
      .toBe(true)
    // The address of the replica is known from the sentinels' first answer.
    await expect.poll(async () => (await cache.get('stays')) === 'value').toBe(true)
    await before[how]()
    try {
      const startedAt = performance.now()
      const seen: { readonly read: string; readonly at: number; readonly ms: number }[] = []
      let isWritten = false
      let promotedAt: number | undefined
      const promoted = watchPromotion(others, () => (promotedAt ??= performance.now()))
      while (!isWritten && performance.now() - startedAt < 40_000) {
        const at = performance.now()
        const { value, ms } = await timed(() => Promise.all([cache.lookup('stays'), cache.set('new', 1)]))
        seen.push({ read: reasonOf(value[0]), at, ms })
        isWritten = value[1]
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      expect(Math.max(...seen.map(({ ms }) => ms))).toBeLessThan(260 + SLACK)
      // A refusal leaves time to ask the replica; a silence is found out by one read, and each probe leaves it half. Who promotes the replica
      // cuts off its clients, which may begin a cooldown of it.
      const failed = stretches(seen, ({ read }) => read !== 'hit')
      const lasted = performance.now() - startedAt
      expect(failed.length).toBeLessThanOrEqual(1 + lasted / COOLDOWN)
      for (const [first, ...more] of failed) expect((more.at(-1)?.at ?? first.at) - first.at).toBeLessThan(COOLDOWN + SLACK)
      expect(failed.flat().length).toBeLessThan(seen.length / 2)
      expect(await watched.primary()).not.toBe(before)
      await promoted
      // From the replica's promotion, before the sentinels tell of it, to the first write that is confirmed.
      expect(performance.now() - (promotedAt ?? -Infinity)).toBeLessThan(COOLDOWN + 2_000)
    } finally {
      if (how === 'kill') await before.restart()
      else before.resume()
      await cache.close()
    }
  },
)

test('where the primary and one of its replicas are out, the first read comes from the other replica', async () => {
  await using watched = await startSentinel({ replicas: 2, sentinels: 1 })
  const writer = createCache({ url: watched.url, namespace: 'app', timeout: 5_000 })
  await expect.poll(() => writer.set('twice there', 1), { timeout: 20_000 }).toBe(true)
  const primary = await watched.primary()
  const replicas = watched.nodes.filter((node) => node !== primary)
  const isThere = async () => (await Promise.all(replicas.map((node) => node.ask(['EXISTS', 'app::twice there'])))).every(([count]) => count === 1)
  await expect.poll(isThere, { timeout: 20_000 }).toBe(true)
  for (const replica of replicas) {
    await using first = await faultProxy({ target: primary.url })
    await using second = await faultProxy({ target: replica.url })
    const through = new Map([
      [`127.0.0.1:${primary.port}`, first],
      [`127.0.0.1:${replica.port}`, second],
    ])
    const nodeAddress = (name: string) => (through.has(name) ? `127.0.0.1:${through.get(name)?.port}` : undefined)
    const cache = createCache({ url: watched.url, namespace: 'app', readFrom: 'fallback', timeout: 5_000, nodeAddress })
    await expect.poll(() => cache.get('twice there'), { timeout: 20_000 }).toBe(1)
    await Promise.all([first.set('refuse'), second.set('refuse')])
    expect(reasonOf(await cache.lookup('twice there'))).toBe('hit')
  }
})

test('a replica that was in its cooldown is asked at once when it is made the primary', async () => {
  await using watched = await startSentinel({ sentinels: 1 })
  const [primary, replica] = watched.nodes
  await using first = await faultProxy({ target: primary?.url ?? '' })
  await using second = await faultProxy({ target: replica?.url ?? '' })
  const nodeAddress = (name: string) =>
    `127.0.0.1:${name.endsWith(`:${primary?.port}`) ? first.port : name.endsWith(`:${replica?.port}`) ? second.port : name.split(':')[1]}`
  const cache = createCache({ url: watched.url, readFrom: 'fallback', timeout: 2_000, cooldown: 5_000, maxCooldown: 60_000, nodeAddress })
  let ahead = 0
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + ahead)
  try {
    await expect.poll(() => cache.set('key', 1), { timeout: 20_000 }).toBe(true)
    await Promise.all([first.set('refuse'), second.set('refuse')])
    // Each probe that fails doubles the wait for both.
    for (const wait of [5_500, 11_000, 22_000]) {
      expect((await cache.lookup('key')).status).toBe('degraded')
      ahead += wait
    }
    expect((await cache.lookup('key')).status).toBe('degraded')
    await Promise.all([first.set('healthy'), second.set('healthy')])
    await watched.failover()
    ahead += 5_500
    expect(await cache.set('key', 2)).toBe(true)
    expect(await cache.lookup('key')).toMatchObject({ status: 'hit', value: 2 })
  } finally {
    clock.mockRestore()
  }
})

/** What of a list is so, in the stretches that it comes in. */
function stretches<Item>(list: readonly Item[], isSo: (item: Item) => boolean): readonly [Item, ...Item[]][] {
  const found: [Item, ...Item[]][] = []
  let current: [Item, ...Item[]] | undefined
  for (const item of list) {
    if (!isSo(item)) current = undefined
    else if (current !== undefined) current.push(item)
    else found.push((current = [item]))
  }
  return found
}

/** Resolves once one of the replicas says that it is a primary. */
async function watchPromotion(nodes: LocalSentinel['nodes'], onPromoted: () => void): Promise<void> {
  for (;;) {
    const roles = await Promise.all(nodes.map((node) => node.ask(['ROLE']).catch(() => ['busy'])))
    if (roles.some(([role]) => String(role).startsWith('master'))) return onPromoted()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('clear() reaches the primary, and Keyv’s options that mean nothing here are refused', async () => {
  const cache = open({ timeout: 2_000 })
  await expect.poll(() => cache.set('gone', 1), { timeout: 20_000 }).toBe(true)
  expect(await cache.clear({ timeout: 5_000 })).toBe(true)
  expect(await cache.lookup('gone')).toEqual({ status: 'miss' })
  expect(() => createCache({ url: 'redis+sentinel://h' })).toThrow('names no primary')
  expect(() => createCache({ url: 'redis://h', sentinelCredentials })).toThrow(/^sentinelCredentials: /)
})
