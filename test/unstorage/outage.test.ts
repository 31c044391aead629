import { execFile } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { CacheEvent } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import fastmiss from 'fastmiss/unstorage'
import { expect, test } from 'vitest'
import { example } from '../support/example.ts'
import { ocache, unstorage } from './support/unstorage.ts'

const FAULTS = ['silent', 'refuse'] as const

test.each(FAULTS)('where Redis is %s every call answers within the timeout, without a loop, and works again afterwards', async (fault) => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const events: CacheEvent[] = []
  const storage = unstorage.createStorage({
    driver: fastmiss({ url: proxy.url, timeout: 200, cooldown: 300, maxCooldown: 300, onEvent: (event) => void events.push(event) }),
  })
  await storage.setItem('a', 'value')
  expect(await storage.getItem('a')).toBe('value')
  await proxy.set(fault)
  const attempts = proxy.counters.connections
  const startedAt = performance.now()
  expect(await storage.getItem('a')).toBeNull()
  expect(await storage.getItems(['a'])).toEqual([{ key: 'a', value: null }])
  expect([await storage.getItemRaw('a'), await storage.hasItem('a'), await storage.getKeys(), await storage.getMeta('a')]).toEqual([
    null,
    false,
    [],
    {},
  ])
  await storage.setItem('b', 1)
  await storage.removeItem('a')
  await storage.clear()
  // One timeout, and the rest from the memory of the outage; room for a busy machine.
  expect(performance.now() - startedAt).toBeLessThan(900)
  expect(proxy.counters.connections - attempts).toBeLessThanOrEqual(4)
  expect(events).toContainEqual(expect.objectContaining({ type: 'degraded', operation: 'set' }))
  const after = proxy.counters.connections
  await new Promise((resolve) => setTimeout(resolve, 500))
  // Nothing is tried where nobody asks.
  expect(proxy.counters.connections).toBe(after)
  await proxy.set('healthy')
  await expect.poll(() => storage.getItem('a')).toBe('value')
  await storage.dispose()
  await proxy.until(({ open }) => open === 0)
})

test('a cached function of ocache answers from its loader while Redis is away, and from Redis otherwise', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const storage = unstorage.createStorage({ driver: fastmiss({ url: proxy.url, timeout: 200, cooldown: 300, maxCooldown: 300 }) })
  let loads = 0
  const cached = ocache.defineCachedFunction(async (key: string) => `${key} ${(loads += 1)}`, {
    name: 'product',
    maxAge: 60,
    swr: false,
    getKey: (key: string) => key,
    storage: {
      get: (key: string) => storage.getItem(key),
      set: (key: string, value: unknown, options: object) => storage.setItem(key, value, options),
    },
  })
  expect(await cached('a')).toBe('a 1')
  await expect.poll(async () => (await storage.getKeys()).length).toBe(1)
  expect(await cached('a')).toBe('a 1')
  await proxy.set('silent')
  for (let round = 2; round < 6; round += 1) {
    const startedAt = performance.now()
    expect(await cached('a')).toBe(`a ${round}`)
    expect(performance.now() - startedAt).toBeLessThan(700)
  }
  await storage.dispose()
})

test('the example of the page runs to its end', { timeout: 30_000 }, async () => {
  await using redis = await startRedis()
  await using file = await example('docs/unstorage.md', 'unstorage', 'test/unstorage')
  await mkdir(join(dirname(file.path), 'node_modules'))
  await symlink(resolve('test/peers/node_modules/unstorage'), join(dirname(file.path), 'node_modules/unstorage'), 'dir')
  const { stdout } = await promisify(execFile)(process.execPath, [file.path], { env: { ...process.env, REDIS_URL: redis.url } })
  expect(stdout).toBe("{ name: 'Ada' }\n[ 'users:1' ]\nnull\n")
})
