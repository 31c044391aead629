import type { CacheResult } from 'fastmiss'
import { faultProxy } from 'fastmiss/testing'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fastest, keysByNode, type ProxiedCluster, startProxied, timed } from './support/proxied-cluster.ts'

let given: ProxiedCluster
let groups: readonly (readonly string[])[]

beforeAll(async () => {
  // The nodes talk to each other directly and never take one for dead: what the proxies do is seen by clients alone.
  given = await startProxied({ replicas: 1 })
  groups = await keysByNode(given.cluster, 8)
  const cache = given.cache({ timeout: 5_000 })
  await cache.setMany(groups.flat().map((key) => ({ key, value: key })))
  await cache.close()
})
afterEach(async () => {
  await given.heal()
  await expect.poll(() => given.count().open).toBe(0)
})
afterAll(() => given[Symbol.asyncDispose]())

/** What a busy machine may add to one wait. That nobody waits twice is told by the fastest of several. */
const SLACK = 1_000
/** To be answered at once, the fastest of several. */
const AT_ONCE = 5

function reasonOf(found: CacheResult<unknown>): string {
  return found.status === 'degraded' ? found.reason : found.status
}

/** Why a read has nothing, once the outage is known: on a busy machine a timer that fires late, or half a wait, says nothing of the node yet. */
async function onceKnown(read: () => Promise<CacheResult<unknown>>): Promise<string> {
  let reason = reasonOf(await read())
  for (let waits = 0; reason === 'timeout' && waits < 3; waits += 1) reason = reasonOf(await read())
  return reason
}

describe.each(['refuse', 'silent', 'blackhole'] as const)('one primary: %s', (fault) => {
  const reason = fault === 'refuse' ? 'unreachable' : 'timeout'

  test('its keys wait once and are then answered at once, those of the others never wait', async () => {
    const cache = given.cache()
    await cache.getMany(groups.flat())
    await cache.close()
    const [dead = [], ...living] = groups
    const proxy = await given.proxyOf(`app::${dead[0]}`)
    await proxy.set(fault)
    const { connections } = proxy.counters

    // Asked for together, in one turn: each is answered at its own node's speed.
    const first = timed(() => cache.lookup(dead[0] ?? ''))
    const beside = timed(() => Promise.all(living.flat().map((key) => cache.lookup(key))))
    expect((await beside).value.map(({ status }) => status)).toEqual(living.flat().map(() => 'hit'))
    expect((await beside).ms).toBeLessThan(fault === 'refuse' ? Infinity : (await first).ms)
    expect(reasonOf((await first).value)).toBe(reason)
    expect((await first).ms).toBeLessThan(260 + SLACK)

    const known = await Promise.all(dead.map((key) => cache.lookup(key)))
    expect(known.map(reasonOf)).toEqual(dead.map(() => 'cooldown'))
    expect(await fastest(5, () => cache.lookup(dead[1] ?? ''))).toBeLessThan(AT_ONCE)
    // getMany gives all that live.
    expect(await cache.getMany(groups.flat())).toEqual(groups.flatMap((group) => group.map((key) => (group === dead ? undefined : key))))
    expect(await fastest(5, () => cache.getMany(groups.flat()))).toBeLessThan(50)
    // One attempt in all: the cooldown is on.
    if (fault !== 'refuse') expect(proxy.counters.connections - connections).toBeLessThanOrEqual(1)
    await cache.close()
  })

  test('a cold start knows it from the first pipeline on', async () => {
    const [, dead = [], ...living] = groups
    const proxy = await given.proxyOf(`app::${dead[0]}`)
    await proxy.set(fault)
    const { host, port } = await given.cluster.primaryOf(`app::${living[0]?.[0]}`)
    const cache = given.cache({ url: `redis+cluster://${host}:${port}` })
    await cache.preload()
    const first = timed(() => cache.lookup(dead[0] ?? ''))
    const beside = timed(() => cache.lookup(living[0]?.[0] ?? ''))
    expect((await beside).value.status).toBe('hit')
    expect((await beside).ms).toBeLessThan(fault === 'refuse' ? Infinity : (await first).ms)
    expect(reasonOf((await first).value)).toBe(reason)
    expect((await first).ms).toBeLessThan(260 + SLACK)
    expect(await onceKnown(() => cache.lookup(dead[0] ?? ''))).toBe('cooldown')
    expect(await fastest(5, () => cache.lookup(dead[0] ?? ''))).toBeLessThan(AT_ONCE)
    await cache.close()
  })

  test('one probe a cooldown, and once it answers again all is well', async () => {
    const cache = given.cache({ cooldown: 300, maxCooldown: 300 })
    await cache.getMany(groups.flat())
    await cache.close()
    const [dead = []] = groups
    const proxy = await given.proxyOf(`app::${dead[0]}`)
    await proxy.set(fault)
    expect(reasonOf(await cache.lookup(dead[0] ?? ''))).toBe(reason)
    const { connections } = proxy.counters
    const endAt = performance.now() + 1_000
    while (performance.now() < endAt) {
      await Promise.all(dead.map((key) => cache.lookup(key)))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    // After 300 ms each: a probe of a silent one takes 250 of its own.
    if (fault !== 'refuse') expect(proxy.counters.connections - connections).toBeLessThanOrEqual(3)
    await proxy.set('healthy')
    await expect.poll(async () => (await cache.lookup(dead[0] ?? '')).status, { timeout: 5_000 }).toBe('hit')
    await cache.close()
  })

  test('clear() and health() say that one is out, and clear() clears those that live', async () => {
    const cache = given.cache({ namespace: 'cleared' })
    const names = Array.from({ length: 60 }, (_, index) => `c${index}`)
    await cache.setMany(names.map((key) => ({ key, value: 1 })))
    const proxy = await given.proxyOf('cleared::c0')
    await proxy.set(fault)
    expect(await cache.health()).toMatchObject({ status: 'degraded', reason, nodes: { up: 2, of: 3 } })
    expect(await cache.clear({ timeout: 1_000 })).toBe(false)
    await proxy.set('healthy')
    await expect.poll(async () => (await cache.health()).status).toBe('ok')
    const left = (await cache.hasMany(names)).map((isThere, index) => [names[index] ?? '', isThere] as const)
    for (const [key, isThere] of left) expect(isThere).toBe((await given.proxyOf(`cleared::${key}`)) === proxy)
    expect(await cache.clear({ timeout: 1_000 })).toBe(true)
    expect(await cache.hasMany(names)).toEqual(names.map(() => false))
    await cache.close()
  })
})

describe('all seeds', () => {
  test.each([
    ['refuse', 'unreachable'],
    ['silent', 'timeout'],
  ] as const)(
    '%s: the first answer says why within the timeout, the second comes at once, and nothing is tried on its own',
    async (fault, reason) => {
      const proxies = [...given.proxies.values()]
      await Promise.all(proxies.map((proxy) => proxy.set(fault)))
      const cache = given.cache()
      await cache.preload()
      const { dials } = given.count()
      const first = await timed(() => cache.lookup('key'))
      expect(reasonOf(first.value)).toBe(reason)
      expect(first.ms).toBeLessThan(260 + SLACK)
      expect(await onceKnown(() => cache.lookup('key'))).toBe('cooldown')
      expect(await fastest(5, () => cache.lookup('key'))).toBeLessThan(AT_ONCE)
      expect(given.count().dials - dials).toBeLessThanOrEqual(3)
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      expect(given.count().dials - dials).toBeLessThanOrEqual(3)
      expect(given.count().open).toBe(0)
    },
  )

  test('a wrong password is told as such', async () => {
    const cache = given.cache({ url: given.cluster.url.replace('//', '//:wrong@') })
    await cache.preload()
    const { dials } = given.count()
    const first = await timed(() => cache.lookup('key'))
    expect(reasonOf(first.value)).toBe('auth')
    expect(first.ms).toBeLessThan(260 + SLACK)
    expect(await onceKnown(() => cache.lookup('key'))).toBe('cooldown')
    expect(given.count().dials - dials).toBeLessThanOrEqual(3)
  })

  test('a silent first seed gives way to the next within the timeout', async () => {
    const [first] = given.cluster.nodes
    await given.proxies.get(`${first?.host}:${first?.port}`)?.set('silent')
    const cache = given.cache()
    await cache.preload()
    const [key = ''] = (await keysByNode(given.cluster, 1)).flat().filter((one) => !groups[0]?.includes(one))
    const dead = await given.cluster.primaryOf(`app::${key}`)
    const other = dead === first ? groups.flat().find((one) => one !== key) : key
    const found = await timed(() => cache.lookup(other ?? ''))
    expect(found.ms).toBeLessThan(260 + SLACK)
    expect(found.value.status).not.toBe('degraded')
    await cache.close()
  })

  test('the process ends by itself once the last answer is there', async () => {
    await using silent = await faultProxy({ target: given.cluster.nodes[0]?.url ?? '' })
    await silent.set('silent')
    const program = `
      import { createCache } from 'fastmiss'
      const cache = createCache({ url: 'redis+cluster://127.0.0.1:${silent.port},127.0.0.1:${silent.port}' })
      const { reason } = await cache.lookup('key')
      const answeredAt = performance.now()
      process.on('exit', () => console.log(JSON.stringify({ reason, ms: performance.now() - answeredAt })))`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    const { reason, ms } = JSON.parse(stdout) as { reason: string; ms: number }
    expect(reason).toBe('timeout')
    expect(ms).toBeLessThan(300)
  })
})

test('a deadline stays a deadline where replies are told one by one', async () => {
  const cache = given.cache({ timeout: 5_000 })
  const [dead = [], living = []] = groups
  const { host, port } = await given.cluster.primaryOf(`app::${living[0]}`)
  const seeded = given.cache({ url: `redis+cluster://${host}:${port}`, timeout: 5_000 })
  await seeded.preload()
  await (await given.proxyOf(`app::${dead[0]}`)).set('silent')
  await using invocation = seeded.invocation({ deadline: Date.now() + 300 })
  const [slow, quick] = await Promise.all([invocation.lookup(dead[0] ?? ''), invocation.lookup(living[0] ?? '')])
  expect([reasonOf(slow), quick.status]).toEqual(['deadline', 'hit'])
  // It was not the full timeout, and says nothing of the node.
  await given.heal()
  expect((await seeded.lookup(dead[0] ?? '')).status).toBe('hit')
  await Promise.all([cache.close(), seeded.close()])
})
