import { createKeyv } from 'fastmiss/keyv'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'

/** keyv #2068: of fifty concurrent sets on a new createKeyvNonBlocking and a healthy Redis, all but one are lost, and all say they were stored. */
test('keyv #2068: concurrent operations before the first connection is ready are all kept', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  // A connection that takes its time makes the window wide.
  await proxy.set('latency', { delay: 30 })
  const keyv = createKeyv(proxy.url, { disableOfflineQueue: true, timeout: 5_000 })
  const errors: unknown[] = []
  keyv.on('error', (error) => errors.push(error))
  const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`)
  const stored = await Promise.all(keys.map((key, index) => keyv.set(key, index, 60_000)))
  expect(stored).toEqual(keys.map(() => true))
  expect(await Promise.all(keys.map((key) => keyv.get(key)))).toEqual(keys.map((_, index) => index))
  expect(errors).toEqual([])
  expect(proxy.counters.connections).toBe(1)
  await keyv.disconnect()
})
