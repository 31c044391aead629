import { createCache } from 'fastmiss'
import { Cluster, type ClusterOptions } from 'ioredis'
import { createCluster, type RedisClusterOptions } from 'redis'
import { BOUND } from '../subject.ts'
import { BEST_OPTIONS } from '../subjects/ioredis.ts'
import { BEST_SOCKET } from '../subjects/node-redis.ts'
import type { Came } from './results.ts'

/** Seeds of a cluster. */
export type Seeds = readonly { readonly host: string; readonly port: number }[]

/** What is read with. May reject. */
export type ReadKey = (key: string) => Promise<Exclude<Came, 'threw' | 'never'>>

/** One library with one set of options. */
export interface ClusterClient {
  readonly library: string
  readonly settings: string
  open(seeds: Seeds): Promise<ReadKey>
}

/** Values are what a cache stores: `{"value":…}`. */
export const CLUSTER_CLIENTS: readonly ClusterClient[] = [
  { library: 'fastmiss', settings: 'defaults', open: (seeds) => fastmiss(seeds, 'primary') },
  { library: 'fastmiss', settings: "readFrom: 'fallback'", open: (seeds) => fastmiss(seeds, 'fallback') },
  { library: 'node-redis createCluster', settings: 'defaults', open: (seeds) => nodeRedis(seeds, {}) },
  // As in subjects/node-redis.ts, for each node.
  {
    library: 'node-redis createCluster',
    settings: 'best settings',
    open: (seeds) => nodeRedis(seeds, { commandOptions: { timeout: BOUND }, defaults: { socket: BEST_SOCKET } }),
  },
  { library: 'ioredis Cluster', settings: 'defaults', open: (seeds) => ioredis(seeds, {}) },
  { library: 'ioredis Cluster', settings: 'best settings', open: (seeds) => ioredis(seeds, { redisOptions: BEST_OPTIONS }) },
]

async function fastmiss(seeds: Seeds, readFrom: 'primary' | 'fallback'): Promise<ReadKey> {
  const cache = createCache({ url: `redis+cluster://${seeds.map(({ host, port }) => `${host}:${port}`).join(',')}`, namespace: 'app', readFrom })
  await cache.preload()
  return async (key) => {
    const { status } = await cache.lookup(key.slice('app::'.length))
    return status === 'stale' ? 'hit' : status
  }
}

async function nodeRedis(seeds: Seeds, options: Pick<RedisClusterOptions, 'commandOptions' | 'defaults'>): Promise<ReadKey> {
  const cluster = createCluster({ rootNodes: seeds.map(({ host, port }) => ({ url: `redis://${host}:${port}` })), ...options })
  cluster.on('error', () => {})
  await cluster.connect()
  return async (key) => ((await cluster.get(key)) === null ? 'miss' : 'hit')
}

async function ioredis(seeds: Seeds, options: ClusterOptions): Promise<ReadKey> {
  const cluster = new Cluster(
    seeds.map((seed) => ({ ...seed })),
    options,
  )
  cluster.on('error', () => {})
  return async (key) => ((await cluster.get(key)) === null ? 'miss' : 'hit')
}
