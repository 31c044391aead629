import { createCache, type CacheEvent } from 'fastmiss'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { type LocalRedis, startCluster, startRedis, startSentinel } from 'fastmiss/testing'
import { createClient } from 'redis'
import { expect, test } from 'vitest'
import { freePort } from '../../src/testing/free-port.ts'

async function command(redis: LocalRedis, ...args: string[]): Promise<unknown> {
  const client = await createClient({ url: redis.url }).connect()
  try {
    return await client.sendCommand(args)
  } finally {
    client.destroy()
  }
}

test('before a healthy Redis it is ok and says nothing else', async () => {
  await using redis = await startRedis()
  const cache = createCache({ url: redis.url, timeout: 2_000 })
  expect(await cache.health()).toEqual({ status: 'ok', transport: 'tcp', ms: expect.any(Number) })
})

test('where Redis is out it carries the error', async () => {
  const cache = createCache({ url: `redis://127.0.0.1:${await freePort()}`, timeout: 2_000 })
  const health = await cache.health()
  expect(health).toMatchObject({ status: 'degraded', reason: 'unreachable', error: { code: 'unreachable', cause: { code: 'ECONNREFUSED' } } })
})

test('where PING alone is forbidden it is ok; where reading is too, it is not', async () => {
  await using redis = await startRedis()
  await command(redis, 'ACL', 'SETUSER', 'app', 'on', '>pw', '~app::*', '-@all', '+get', '+set')
  await command(redis, 'ACL', 'SETUSER', 'nobody', 'on', '>pw', '~*', '-@all')
  const [app, nobody] = ['app', 'nobody'].map((user) =>
    createCache({ url: redis.url.replace('//', `//${user}:pw@`), namespace: 'app', timeout: 2_000 }),
  )
  expect(await app?.health()).toMatchObject({ status: 'ok' })
  expect(await nobody?.health()).toMatchObject({ status: 'degraded', reason: 'auth', error: { cause: { code: 'NOPERM' } } })
})

test('before a replica it is ok, and says that it takes no writes', async () => {
  await using redis = await startRedis()
  await command(redis, 'REPLICAOF', '127.0.0.1', '1')
  expect(await createCache({ url: redis.url, timeout: 2_000 }).health()).toMatchObject({ status: 'ok', readOnly: true })
})

test('a plain URL at a node of a cluster: health says so, and clear never says true', { timeout: 60_000 }, async () => {
  await using cluster = await startCluster()
  const url = `redis://127.0.0.1:${cluster.nodes[0]?.port}`
  const cache = createCache({ url, namespace: 'app', timeout: 5_000 })
  const health = await cache.health()
  expect(health).toMatchObject({ status: 'degraded', reason: 'reply' })
  expect(health.error?.message).toContain('cluster')
  expect(await cache.clear()).toBe(false)
  const store = new KeyvFastmiss(url, { namespace: 'app', timeout: 5_000 })
  const errors: unknown[] = []
  store.on('error', (error) => errors.push(error))
  await store.clear()
  expect(errors).toMatchObject([{ code: 'reply', message: expect.stringContaining('cluster') }])
  await store.disconnect()
})

test('a plain URL at a Sentinel: health says so, and clear never says true', { timeout: 60_000 }, async () => {
  await using sentinel = await startSentinel()
  const events: CacheEvent['type'][] = []
  const port = /:(\d+)/.exec(sentinel.url.replace(/^.*:\/\//, ''))?.[1]
  const cache = createCache({ url: `redis://127.0.0.1:${port}`, timeout: 5_000, onEvent: ({ type }) => void events.push(type) })
  const health = await cache.health()
  expect(health).toMatchObject({ status: 'degraded', reason: 'reply' })
  expect(health.error?.message).toContain('Sentinel')
  expect(await cache.clear()).toBe(false)
  expect(events).not.toContain('cooldown')
})
