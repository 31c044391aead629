import { type FaultProxy, faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { reproduce } from './support/reproduction.ts'

/**
 * keyv #1554: all nodes of a cluster are down, and although cacheable is `nonBlocking`, get blocks. Where the nodes refuse, the versions
 * of today answer at once; where they do not answer at all, the report holds.
 */
const script = (secondary: string): string => `
${secondary}
import { Cacheable } from 'cacheable'
const cache = new Cacheable({ secondary: redisStore, nonBlocking: true })

console.log('get', await cache.get('key'))
console.log('set', await cache.set('key', 'value'))
console.log('get', await cache.get('key'))
console.log('get', await cache.get('other'))
await cache.disconnect()
`

const THEIRS = (nodes: readonly string[]): string => `
import KeyvRedis, { createCluster } from '@keyv/redis'
const cluster = createCluster({
  rootNodes: [
${nodes.map((url) => `    { url: '${url}' },`).join('\n')}
  ],
  defaults: {
    socket: {
      reconnectStrategy: (retries) => Math.min(retries * 1000, 5000),
      keepAlive: true,
    },
  },
});
const redisStore = new KeyvRedis(cluster)
`

const OURS = (nodes: readonly string[]): string => `
import { createKeyv } from 'fastmiss/keyv'
const redisStore = createKeyv({
  url: 'redis+cluster://${nodes.map((url) => new URL(url).host).join(',')}',
  socket: {
    reconnectStrategy: (retries) => Math.min(retries * 1000, 5000),
    keepAlive: true,
  },
})
`

async function downNodes(fault: 'blackhole' | 'silent') {
  const redis = await startRedis()
  const nodes: FaultProxy[] = await Promise.all(Array.from({ length: 3 }, () => faultProxy({ target: redis.url })))
  for (const node of nodes) await node.set(fault)
  return {
    urls: nodes.map(({ url }) => url),
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.stop()))
      await redis.stop()
    },
  }
}

test.each(['blackhole', 'silent'] as const)('keyv #1554 with @keyv/redis 5: the first get blocks, %s', { timeout: 30_000 }, async (fault) => {
  await using nodes = await downNodes(fault)
  const { lines, code } = await reproduce(script(THEIRS(nodes.urls)), { patience: 4_000 })
  expect(lines).toEqual([])
  expect(code).toBeUndefined()
})

test.each(['blackhole', 'silent'] as const)('keyv #1554: get and set go on with the first layer, %s', { timeout: 30_000 }, async (fault) => {
  await using nodes = await downNodes(fault)
  const { lines, stderr, dials, code } = await reproduce(script(OURS(nodes.urls)), { patience: 20_000 })
  expect(lines).toEqual(['get undefined', 'set true', 'get value', 'get undefined'])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  // Each node once at most, by the first of all calls.
  expect(dials).toBeLessThanOrEqual(nodes.urls.length)
})
