import type { Source } from './source.ts'
import { bestStore } from '../outage/subjects/keyv-redis.ts'

/** One library with its layers, before one Redis. */
export interface Subject {
  /** Reads through. The answer is `source` where the loader was called, whatever is said here. */
  get(key: string, load: () => Promise<string>): Promise<Source>
}

/** ms */
const TTL = 60_000
const HOUR = 3_600_000

/** Short, so that no copy is young throughout the outage: each of them has to be asked for. */
const MEMORY_TTL = 1_000

/** The libraries by name; each is loaded in its own process alone, as its documentation sets up a layer in memory before Redis. */
export const SUBJECTS: Readonly<Record<string, (url: string) => Promise<Subject>>> = {
  fastmiss: (url) => fastmiss(url, false),
  'fastmiss, memory': (url) => fastmiss(url, { ttl: MEMORY_TTL }),
  'bentocache, grace': bentocache,
  cacheable,
}

async function fastmiss(url: string, memory: false | { readonly ttl: number }): Promise<Subject> {
  const { createCache } = await import('fastmiss')
  const cache = createCache({ url, connection: 'reuse', memory })
  return {
    async get(key, load) {
      const { from } = await cache.wrapped(key, load, { ttl: TTL, staleIfError: HOUR })
      return from ?? 'source'
    },
  }
}

/** The documentation's "Multi-tier" and "Grace periods"; no bus, for one instance. */
async function bentocache(url: string): Promise<Subject> {
  const [{ BentoCache, bentostore }, { memoryDriver }, { redisDriver }, { Redis }] = await Promise.all([
    import('bentocache'),
    import('bentocache/drivers/memory'),
    import('bentocache/drivers/redis'),
    import('ioredis'),
  ])
  const connection = new Redis(url)
  connection.on('error', () => {})
  const layers = bentostore()
    .useL1Layer(memoryDriver({ maxSize: '10mb' }))
    .useL2Layer(redisDriver({ connection }))
  const cache = new BentoCache({ default: 'multitier', stores: { multitier: layers } })
  return {
    async get(key, factory) {
      await cache.getOrSet({ key, factory, ttl: TTL, grace: HOUR })
      return 'cache'
    },
  }
}

/** The README's "Getting Started" with the store of "Non-Blocking with @keyv/redis". */
async function cacheable(url: string): Promise<Subject> {
  const { Cacheable } = await import('cacheable')
  const cache = new Cacheable({ secondary: bestStore(url), nonBlocking: true })
  cache.on('error', () => {})
  return {
    async get(key, load) {
      await cache.getOrSet(key, load, { ttl: TTL })
      return 'cache'
    },
  }
}
