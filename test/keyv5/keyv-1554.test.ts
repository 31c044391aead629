import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { loadKeyv5Project } from './support/keyv5-project.ts'

/**
 * keyv #1554: the nodes of a Redis cluster are down, and although cacheable is `nonBlocking`, get and set block until they time out
 * and throw. A cluster behind one address (as ElastiCache Serverless has it) is what this store can talk to; here it does not answer.
 */
test.each(['blackhole', 'silent', 'refuse'] as const)(
  'keyv #1554: get and set of cacheable go on with the first layer when Redis is down: %s',
  async (fault) => {
    await using project = await loadKeyv5Project()
    await using redis = await startRedis()
    await using proxy = await faultProxy({ target: redis.url })
    await proxy.set(fault)
    const timeout = 200
    const store = new project.fastmiss.KeyvFastmiss(proxy.url, { keyv: 5, timeout, cooldown: 60_000, maxCooldown: 60_000 })
    const cache = new project.Cacheable({ secondary: new project.Keyv({ store }), nonBlocking: true })

    // The driver's import is CPU time of this process, which no timeout covers.
    await store.get('warm up')
    const startedAt = performance.now()
    // No listener for errors: nothing may throw all the same.
    expect(await cache.get('unknown')).toBeUndefined()
    await cache.set('key', 'value')
    expect(await cache.get('key')).toBe('value')
    expect(await cache.has('key')).toBe(true)
    await cache.delete('key')
    expect(await cache.get('key')).toBeUndefined()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(proxy.counters.connections).toBeLessThanOrEqual(1)
    await cache.disconnect()
  },
)
