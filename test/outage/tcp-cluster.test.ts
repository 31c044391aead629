import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type CacheResult, createCache } from 'fastmiss'
import { type LocalCluster, startCluster } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, type ExpectStatic, test, vi } from 'vitest'
import { timed } from '../transport/cluster/support/proxied-cluster.ts'
import { certificates } from './support/certificates.ts'
import { type FaultRow, type Outage, timeoutOf } from './support/outage.ts'
import { SECRETS } from './support/secrets.ts'
import { TCP_FAULTS } from './tcp-faults.ts'

/** Every fault of one address, made at one shard: the Redis of the row stands in for the node that holds its key. Stories wait more than they work. */
vi.setConfig({ maxConcurrency: 5, testTimeout: 60_000 })

const TIMEOUT = 1_000
const COOLDOWN = 5_000
/** A timer that fires late says nothing of the node: a machine that is busy may wait so often until the outage is known. */
const WAITS = 4
/** A key that waits for a dead shard takes the timeout; what lives is answered so much sooner on the busiest of machines. */
const SOONER = 200
/** What a busy machine may add to one operation, in ms. A hang is longer. */
const SLACK = 2_500
/** ms: where the loop of this process was so far behind, the story is played again. */
const BUSY = 150
const MOST_TRIES = 3
/** It lies in the slot of the key that is read. */
const WRITTEN = `written{${SECRETS.key}}`

interface Setting {
  readonly cluster: LocalCluster
  /** The URL, with the nodes that live for seeds: what a silent seed costs is told elsewhere. */
  readonly url: string
  /** As the node that holds the key announces itself. */
  readonly announced: string
  /** Keys of the other nodes. */
  readonly living: readonly string[]
  readonly tls: { readonly tls: { readonly ca: readonly string[] } } | undefined
}
let plain: Setting
let secure: Setting

beforeAll(async () => {
  ;[plain, secure] = await Promise.all([prepare(false), prepare(true)])
}, 60_000)
afterAll(() => Promise.all([plain.cluster.stop(), secure.cluster.stop()]))

async function prepare(isTls: boolean): Promise<Setting> {
  const cluster = await startCluster({ replicas: 0, tls: isTls, ...(isTls ? { primaries: 2 } : {}) })
  const tls = cluster.ca === undefined ? undefined : { tls: { ca: [cluster.ca, (await certificates()).ca] } }
  const dead = await cluster.primaryOf(SECRETS.key)
  const announced = `${isTls ? 'localhost' : '127.0.0.1'}:${dead.port}`
  const seeds = cluster.url.replace(/^.*\/\//, '').split(',')
  const url = `${isTls ? 'rediss' : 'redis'}+cluster://${seeds.filter((seed) => seed !== announced).join(',')}`
  const living: string[] = []
  for (let at = 0; living.length < 8; at += 1) if ((await cluster.primaryOf(`living${at}`)) !== dead) living.push(`living${at}`)
  const cache = createCache({ url: cluster.url, timeout: 10_000, ...tls })
  expect(await cache.setMany(living.map((key) => ({ key, value: key })))).not.toContain(false)
  await cache.close()
  return { cluster, url, announced, living, tls }
}

function open({ url, announced, tls }: Setting, outage: Outage, timeout: number): ReturnType<typeof createCache> {
  const { hostname, port, password } = new URL(outage.url)
  return createCache({
    // The nodes of the cluster ask for no password, and take any that comes with a name.
    url: password === '' ? url : url.replace('//', `//default:${password}@`),
    nodeAddress: { [announced]: `${hostname}:${port}` },
    timeout,
    cooldown: COOLDOWN,
    maxCooldown: COOLDOWN,
    ...outage.options,
    ...tls,
  })
}

function reasonOf(found: CacheResult<unknown>): string {
  return found.status === 'degraded' ? found.reason : found.status
}

async function play(row: FaultRow, expect: ExpectStatic): Promise<void> {
  const { onset, pause, expected, isIncurable = false } = row
  await using outage = await row.start()
  const setting = outage.url.startsWith('rediss:') ? secure : plain
  const { living } = setting
  const timeout = Math.max(TIMEOUT, timeoutOf(row))
  if (!isIncurable) await outage.raw('SET', SECRETS.key, JSON.stringify({ value: SECRETS.value }))
  const cache = open(setting, outage, timeout)
  await cache.preload()
  const invocation = cache.invocation()
  // The map is known; whether the sick shard has a connection is up to the row.
  const before = onset === 'warm' ? [SECRETS.key, ...living] : living
  const warm = await Promise.all(before.map((key) => invocation.lookup(key, { timeout: 10_000 })))
  expect(warm.map(reasonOf)).toEqual(before.map(() => 'hit'))
  await outage.break()
  if (pause !== undefined) await new Promise((resolve) => setTimeout(resolve, pause))
  const { attempts } = outage

  // In one turn: the shard that is sick, and those that live.
  const [sick, isWritten, alive, areWritten] = await Promise.all([
    timed(() => invocation.lookup(SECRETS.key)),
    invocation.set(WRITTEN, SECRETS.value),
    timed(() => Promise.all(living.map((key) => invocation.lookup(key)))),
    timed(() => Promise.all(living.slice(4).map((key) => invocation.set(key, key)))),
  ])
  expect(alive.value.map(reasonOf)).toEqual(living.map(() => 'hit'))
  expect(areWritten.value).not.toContain(false)
  expect(Math.max(alive.ms, areWritten.ms)).toBeLessThan(timeout - SOONER)
  expect(expected.read === 'hit' ? ['hit'] : expected.read).toContain(reasonOf(sick.value))
  expect(isWritten).toBe(expected.write)
  expect(sick.ms).toBeLessThan(timeout + SLACK)
  await invocation.close()

  if (expected.isRemembered) {
    let waits = 1
    let known = reasonOf(await cache.lookup(SECRETS.key))
    for (; known === 'timeout' && waits < WAITS; waits += 1) known = reasonOf(await cache.lookup(SECRETS.key))
    expect(known).toBe('cooldown')
    // One more than failed: a connection from before turned out dead.
    expect(outage.attempts - attempts).toBeLessThanOrEqual(waits + (onset === 'warm' ? 1 : 0))
  }
  const again = await timed(() => cache.getMany([SECRETS.key, ...living]))
  expect(again.value.slice(1)).toEqual(living)
  expect(again.ms).toBeLessThan(timeout - SOONER + (expected.isRemembered ? 0 : SLACK))
  await expect.poll(() => outage.open).toBeLessThanOrEqual(expected.open ?? 0)

  if (!isIncurable) {
    await outage.cure()
    // It asks in a cooldown, too.
    await expect.poll(async () => (await cache.health()).status, { timeout: 15_000 }).toBe('ok')
    await expect.poll(async () => reasonOf(await cache.lookup(SECRETS.key)), { timeout: 15_000 }).toBe('hit')
  }
  await cache.close()
}

/** All stories and their servers share this process: what it was too busy for says nothing. */
async function playUndisturbed(row: FaultRow, own: ExpectStatic): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const delay = monitorEventLoopDelay({ resolution: 10 })
    delay.enable()
    try {
      return await play(row, own)
    } catch (error) {
      if (delay.max / 1e6 < BUSY || tries === MOST_TRIES) throw error
    } finally {
      delay.disable()
    }
  }
}

// Not test.each: it cuts long titles off.
for (const row of TCP_FAULTS) {
  test.concurrent(`one shard of a cluster, ${row.name}: what it costs, and the others nothing`, ({ expect: own }) => playUndisturbed(row, own))
}
