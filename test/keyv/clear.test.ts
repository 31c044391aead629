import { createKeyv } from 'fastmiss/keyv'
import { startRedis } from 'fastmiss/testing'
import { createClient } from 'redis'
import { expect, test } from 'vitest'

test('a clear of a million keys is bounded, is told as unfinished, and is gone on with until nothing is left', { timeout: 120_000 }, async () => {
  await using redis = await startRedis({ args: ['--enable-debug-command', 'local'] })
  const plain = await createClient({ url: redis.url }).connect()
  await plain.sendCommand(['DEBUG', 'POPULATE', '1000000', 'app:'])
  await plain.set('app2::k', 'x')
  const bound = 500
  const keyv = createKeyv(redis.url, { namespace: 'app', timeout: 5_000, clearTimeout: bound })
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
    expect(now).toBeLessThan(left)
    left = now
    if (errors.length > 0) expect(errors).toMatchObject([{ code: 'timeout', isOutage: false }])
  } while (errors.length > 0 && calls < 200)
  expect(calls).toBeGreaterThan(1)
  expect(await plain.keys('*')).toEqual(['app2::k'])
  expect(await plain.info('commandstats')).not.toMatch(/cmdstat_flush/)
  plain.destroy()
  await keyv.disconnect()
})
