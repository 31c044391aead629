import { type Cache, type CacheOptions, createCache } from 'fastmiss'
import { type LocalCluster, type LocalRedis, type LocalUpstash, startCluster, startRedis, startUpstash } from 'fastmiss/testing'
import { afterAll, beforeAll } from 'vitest'

/** Every wire, and a cluster. */
export const WIRES = ['memory:', 'tcp', 'http', 'cluster'] as const

/** Starts what the wires lead to, for the tests of a file. @returns makes a cache over a wire, each with entries of its own */
export function startWires(): (wire: (typeof WIRES)[number], options?: Partial<CacheOptions>) => Cache {
  let redis: LocalRedis
  let upstash: LocalUpstash
  let cluster: LocalCluster
  let made = 0
  beforeAll(async () => {
    redis = await startRedis({ binary: 'redis-server' })
    upstash = await startUpstash({ redis: redis.url })
    cluster = await startCluster({ replicas: 0 })
  }, 30_000)
  afterAll(async () => {
    await upstash.stop()
    await redis.stop()
    await cluster.stop()
  })
  return (wire, options = {}) => {
    const common = { namespace: `app${(made += 1)}`, timeout: 5_000, ...options }
    if (wire === 'http') return createCache({ url: upstash.url, token: upstash.token, ...common })
    return createCache({ url: wire === 'tcp' ? redis.url : wire === 'cluster' ? cluster.url : wire, ...common })
  }
}
