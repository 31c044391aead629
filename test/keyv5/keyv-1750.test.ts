import { expect, test } from 'vitest'
import { reproduce } from './support/reproduction.ts'

/**
 * keyv #1750: the stores and the ttl as they were given to Nest's CacheModule, which hands them to cache-manager as they are. The
 * reporter saw neither an error event nor a failure, and so could not refuse to start. Of today's @keyv/redis the event comes; but
 * neither get nor set ever ends.
 */
const script = (library: string): string => `
import { createKeyv } from '${library}'
import { createCache } from 'cache-manager'

const store = createKeyv('redis://invalid-host:6379')
store.on('error', (error) => console.log('error', error.code))
const cache = createCache({
  stores: [store],
  ttl: 1000 * 60 * 5, // 5 minutes
})
console.log('get', await cache.get('key'))
console.log('set', await cache.set('key', 'value'))
console.log('store', await store.set('key', 'value'))
`

const STARTUP = `
import { createCache } from 'fastmiss'
import { createKeyv } from 'fastmiss/keyv'

const redis = createCache({ url: 'redis://invalid-host:6379', connection: 'reuse' })
const store = createKeyv(redis)
const { status, reason } = await redis.health({ timeout: 2_000 })
if (status === 'degraded') throw new Error('no Redis: ' + reason)
`

test('keyv #1750 with @keyv/redis 5: a get for a host that does not exist never ends', { timeout: 30_000 }, async () => {
  const { lines, dials, code } = await reproduce(script('@keyv/redis'), { patience: 6_000 })
  expect(lines.filter((line) => !line.startsWith('error'))).toEqual([])
  expect(dials).toBeGreaterThan(3)
  expect(code).toBeUndefined()
})

test('keyv #1750: it is told by an error event for each operation, and by the answer of set', { timeout: 30_000 }, async () => {
  const { lines, stderr, dials, code } = await reproduce(script('fastmiss/keyv'), { patience: 20_000 })
  // cache-manager gives back the value from set, whatever its stores say; the store itself says false.
  expect(lines).toEqual(['error unreachable', 'get undefined', 'error cooldown', 'set value', 'error cooldown', 'store false'])
  expect({ stderr, dials, code }).toEqual({ stderr: '', dials: 1, code: 0 })
})

test('keyv #1750: an application that must not start without Redis finds out', { timeout: 30_000 }, async () => {
  const { stderr, code } = await reproduce(STARTUP, { patience: 20_000 })
  expect(stderr).toContain('Error: no Redis: unreachable')
  expect(code).toBe(1)
})
