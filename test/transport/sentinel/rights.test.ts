import { type CacheEvent, type CacheOptions, type CacheResult, createCache } from 'fastmiss'
import { type LocalSentinel, startSentinel } from 'fastmiss/testing'
import { Miniflare } from 'miniflare'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleWorker } from '../../../workers/local/bundle.ts'

let watched: LocalSentinel

beforeAll(async () => {
  watched = await startSentinel({ sentinels: 2, sentinelPassword: 'watch' })
})
afterAll(() => watched.stop())

/** Gives a user to every sentinel, or to every Redis. */
async function user(
  of: readonly { ask(command: readonly string[]): Promise<readonly unknown[]> }[],
  name: string,
  ...rights: string[]
): Promise<void> {
  await Promise.all(of.map((one) => one.ask(['ACL', 'SETUSER', name, 'reset', 'on', '>pw', '~*', ...rights])))
}

function open(sentinelUser: string | undefined, options: CacheOptions = {}) {
  const told: CacheEvent[] = []
  const sentinelCredentials = async () => (sentinelUser === undefined ? { password: 'watch' } : { username: sentinelUser, password: 'pw' })
  return Object.assign(
    createCache({ url: watched.url, sentinelCredentials, timeout: 3_000, onEvent: (event) => void told.push(event), ...options }),
    { told },
  )
}

function reasonOf(found: CacheResult<unknown>): string {
  return found.status === 'degraded' ? found.reason : found.status
}

test('a user who may not ask the sentinels for the primary is told auth, and each sentinel is asked once', async () => {
  await user(watched.sentinels, 'narrow', '+ping')
  const cache = open('narrow')
  expect(reasonOf(await cache.lookup('key'))).toBe('auth')
  expect(await cache.set('key', 1)).toBe(false)
  expect(cache.told.filter(({ type }) => type === 'connect').length).toBeLessThanOrEqual(2 * watched.sentinels.length)
  expect(await cache.health()).toMatchObject({ status: 'degraded', reason: 'auth' })
})

test('without the right to ask for replicas fallback has none, and all else is as it was', async () => {
  await user(watched.sentinels, 'few', '+sentinel|get-master-addr-by-name')
  const cache = open('few', { readFrom: 'fallback' })
  expect(await cache.set('key', 1)).toBe(true)
  expect(await cache.get('key')).toBe(1)
})

test('without the right to ROLE the sentinels are taken at their word', async () => {
  await user(watched.nodes, 'plain', '+get', '+set')
  const cache = open(undefined, { url: watched.url.replace('//', '//plain:pw@') })
  expect(await cache.set('key', 2)).toBe(true)
  expect(await cache.get('key')).toBe(2)
})

test('in workerd sentinel() serves requests, follows a failover, and leaves no connection', { timeout: 60_000 }, async () => {
  const entry = fileURLToPath(new URL('support/sentinel-worker.ts', import.meta.url))
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents: await bundleWorker(entry) }],
    bindings: { REDIS_URL: watched.url, SENTINEL_PASSWORD: 'watch' },
  })
  const ask = async (value: string) => (await worker.dispatchFetch(`http://localhost${value}`)).json()
  const well = (value: string) => ({ written: true, read: value, health: { status: 'ok', transport: 'sentinel' } })
  // Those of the sentinels have a name.
  const clients = async () => {
    const [info] = await (await watched.primary()).ask(['CLIENT', 'LIST', 'TYPE', 'normal'])
    return String(info)
      .split('\n')
      .filter((line) => / name= .*cmd=(get|set|ping|role)/.test(line)).length
  }
  try {
    expect(await ask('/first')).toMatchObject(well('/first'))
    expect(await ask('/second')).toMatchObject(well('/second'))
    const before = await watched.primary()
    expect(await watched.failover()).not.toBe(before)
    await expect.poll(() => ask('/third'), { timeout: 20_000 }).toMatchObject(well('/third'))
    await expect.poll(clients).toBe(0)
  } finally {
    await worker.dispose()
  }
})
