import { createKeyv } from 'fastmiss/keyv'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { createClient } from 'redis'
import { expect, test } from 'vitest'

test.each(['tcp', 'upstash'] as const)(
  'a clear of 300,000 keys is bounded, is told as unfinished, and is gone on with: %s',
  { timeout: 180_000 },
  async (wire) => {
    await using redis = await startRedis({ args: ['--enable-debug-command', 'local'] })
    await using upstash = await startUpstash({ redis: redis.url })
    const plain = await createClient({ url: redis.url }).connect()
    await plain.sendCommand(['DEBUG', 'POPULATE', '300000', 'app:'])
    await plain.set('app2::k', 'x')
    const bound = 150
    const target = wire === 'tcp' ? { url: redis.url } : { url: upstash.url, token: upstash.token }
    const keyv = createKeyv({ ...target, namespace: 'app', timeout: 5_000, clearTimeout: bound })
    const errors: unknown[] = []
    keyv.on('error', (error) => errors.push(error))
    let calls = 0
    let left = await plain.dbSize()
    do {
      errors.length = 0
      const startedAt = performance.now()
      await keyv.clear()
      calls += 1
      expect(performance.now() - startedAt).toBeLessThan(bound + 2_000)
      const now = await plain.dbSize()
      // Never more, and over all calls ever less; a call of a busy machine may get no page in its time.
      expect(now).toBeLessThanOrEqual(left)
      left = now
      if (errors.length > 0) expect(errors).toMatchObject([{ code: 'timeout', isOutage: false }])
    } while (errors.length > 0 && calls < 200)
    expect(calls).toBeGreaterThan(1)
    expect(await plain.keys('*')).toEqual(['app2::k'])
    expect(await plain.info('commandstats')).not.toMatch(/cmdstat_flush/)
    plain.destroy()
    await keyv.disconnect()
  },
)

test('over REST a clear takes one request for a thousand keys, and another namespace is left alone', { timeout: 60_000 }, async () => {
  await using redis = await startRedis({ args: ['--enable-debug-command', 'local'] })
  await using upstash = await startUpstash({ redis: redis.url })
  const plain = await createClient({ url: redis.url }).connect()
  await plain.sendCommand(['DEBUG', 'POPULATE', '20000', 'app:'])
  await plain.sendCommand(['DEBUG', 'POPULATE', '10', 'app2:'])
  const keyv = createKeyv({ url: upstash.url, token: upstash.token, namespace: 'app', timeout: 5_000, clearTimeout: 30_000 })
  const errors: unknown[] = []
  keyv.on('error', (error) => errors.push(error))
  const before = upstash.requests
  await keyv.clear()
  expect(errors).toEqual([])
  expect(await plain.dbSize()).toBe(10)
  // A page of SCAN may hold a few keys more or less than was asked for.
  expect(upstash.requests - before).toBeLessThan(30)
  plain.destroy()
})
