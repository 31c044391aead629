import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { loadKeyv5Project } from './support/keyv5-project.ts'

/** keyv #1496: Redis as the second layer of cacheable, `nonBlocking`; when Redis goes down the process hangs in a loop of refused connections. */
test('keyv #1496: when the second layer goes down, the first goes on, loaders run, and nobody dials in a loop', async () => {
  await using project = await loadKeyv5Project()
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = new project.Cacheable({
    secondary: new project.fastmiss.KeyvFastmiss(proxy.url, { keyv: 5, timeout: 250, cooldown: 60_000, maxCooldown: 60_000 }),
    nonBlocking: true,
  })
  const errors: unknown[] = []
  cache.on('error', (error) => errors.push(error))

  // The code with Redis running: both layers hold the value.
  await cache.set('user', 'Ada')
  await expect.poll(async () => redisKeys(redis.url)).toHaveLength(1)
  await cache.primary.clear()
  expect(await cache.get('user')).toBe('Ada')

  await proxy.set('refuse')
  const startedAt = performance.now()
  expect(await cache.get('user')).toBe('Ada')
  for (let index = 0; index < 20; index += 1) {
    expect(await cache.getOrSet(`key ${index}`, async () => index)).toBe(index)
    expect(await cache.get(`key ${index}`)).toBe(index)
    expect(await cache.get(`unknown ${index}`)).toBeUndefined()
  }
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  expect(errors.length).toBeGreaterThan(0)

  // Connections that are accepted and reset can be counted, where refused ones cannot.
  await proxy.set('reset')
  const before = proxy.counters.connections
  for (let index = 0; index < 20; index += 1) await cache.get(`unknown ${index}`)
  expect(proxy.counters.connections - before).toBeLessThanOrEqual(1)
  await cache.disconnect()
})

async function redisKeys(url: string): Promise<string[]> {
  const { createClient } = await import('redis')
  const client = await createClient({ url }).connect()
  const keys = await client.keys('*')
  client.destroy()
  return keys
}
