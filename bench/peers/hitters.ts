import { cachified } from '@epic-web/cachified'
import KeyvRedis from '@keyv/redis'
import { BentoCache, bentostore } from 'bentocache'
import { redisDriver as bentoRedis } from 'bentocache/drivers/redis'
import { createCache as createCacheManager } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { createCache } from 'fastmiss'
import { Redis } from 'ioredis'
import Keyv from 'keyv'
import { defineCachedFunction } from 'ocache'
import { createClient } from 'redis'
import { createStorage } from 'unstorage'
import unstorageRedis from 'unstorage/drivers/redis'

/** One library, warm, with one entry that every call hits. */
export interface Hitter {
  readonly name: string
  call(): Promise<unknown>
  /** Reads through: what is stored under a key, or the loader's value, which is then stored for ten minutes. */
  readonly wrap?: (key: string) => Promise<unknown>
  close(): Promise<unknown>
}

/** What a reader through calls where there is nothing. */
type Load = () => Promise<object>

const KEY = 'user'
const TTL = 600_000

/**
 * The facade, and the libraries that people use for the same, each as its documentation sets it up; no layer in memory.
 *
 * @param load what their `wrap` calls; default: gives the value
 */
export async function hitters(url: string, value: object, load: Load = async () => value): Promise<Hitter[]> {
  return Promise.all(
    [fastmissInvocation, fastmissRoot, keyvRedis, cacheable, cacheManager, bentocache, unstorage, cachifiedRedis, ocache].map((make) =>
      make(url, value, load),
    ),
  )
}

async function fastmissInvocation(url: string, value: object, load: Load): Promise<Hitter> {
  const invocation = createCache({ url, namespace: 'a' }).invocation()
  await invocation.set(KEY, value)
  return {
    name: 'fastmiss, invocation',
    call: () => invocation.get(KEY),
    wrap: (key) => invocation.wrap(key, load, { ttl: TTL }),
    close: () => invocation.close(),
  }
}

async function fastmissRoot(url: string, value: object, load: Load): Promise<Hitter> {
  const cache = createCache({ url, namespace: 'a' })
  await cache.set(KEY, value)
  return {
    name: 'fastmiss, root',
    call: () => cache.get(KEY),
    wrap: (key) => cache.wrap(key, load, { ttl: TTL }),
    close: () => Promise.resolve(),
  }
}

async function keyvRedis(url: string, value: object): Promise<Hitter> {
  const keyv = new Keyv({ store: new KeyvRedis(url), namespace: 'b' })
  await keyv.set(KEY, value)
  return { name: 'keyv + @keyv/redis', call: () => keyv.get(KEY), close: () => keyv.disconnect() }
}

async function cacheable(url: string, value: object, load: Load): Promise<Hitter> {
  const store = new Keyv({ store: new KeyvRedis(url), namespace: 'c' })
  const cache = new Cacheable({ primary: store })
  await cache.set(KEY, value)
  // Its `wrap` is this and a hash of the arguments.
  const wrap = (key: string): Promise<unknown> => cache.getOrSet(key, load, { ttl: TTL })
  return { name: 'cacheable', call: () => cache.get(KEY), wrap, close: () => store.disconnect() }
}

async function cacheManager(url: string, value: object, load: Load): Promise<Hitter> {
  const store = new Keyv({ store: new KeyvRedis(url), namespace: 'd' })
  const cache = createCacheManager({ stores: [store] })
  await cache.set(KEY, value)
  const wrap = (key: string): Promise<unknown> => cache.wrap(key, load, TTL)
  return { name: 'cache-manager', call: () => cache.get(KEY), wrap, close: () => store.disconnect() }
}

async function bentocache(url: string, value: object, load: Load): Promise<Hitter> {
  const connection = new Redis(url)
  const cache = new BentoCache({ default: 'redis', stores: { redis: bentostore().useL2Layer(bentoRedis({ connection })) } })
  await cache.set({ key: KEY, value })
  const wrap = (key: string): Promise<unknown> => cache.getOrSet({ key, factory: load, ttl: TTL })
  return { name: 'bentocache', call: () => cache.get({ key: KEY }), wrap, close: () => cache.disconnectAll() }
}

async function unstorage(url: string, value: object): Promise<Hitter> {
  const storage = createStorage({ driver: unstorageRedis({ url, base: 'e' }) })
  await storage.setItem(KEY, value)
  return { name: 'unstorage', call: () => storage.getItem(KEY), close: () => storage.dispose() }
}

async function cachifiedRedis(url: string, _: object, load: Load): Promise<Hitter> {
  const client = createClient({ url, RESP: 2, commandOptions: { timeout: 0 } })
  client.on('error', () => {})
  await client.connect()
  const cache = {
    get: async (key: string) => JSON.parse((await client.get(`f:${key}`)) ?? 'null'),
    set: (key: string, entry: unknown) => client.set(`f:${key}`, JSON.stringify(entry), { expiration: { type: 'PX', value: TTL } }),
    delete: (key: string) => client.del(`f:${key}`),
  }
  const wrap = (key: string): Promise<unknown> => cachified({ key, cache, ttl: TTL, getFreshValue: load })
  await wrap(KEY)
  return { name: 'cachified', call: () => wrap(KEY), wrap, close: async () => client.destroy() }
}

async function ocache(url: string, _: object, load: Load): Promise<Hitter> {
  const client = createClient({ url, RESP: 2, commandOptions: { timeout: 0 } })
  client.on('error', () => {})
  await client.connect()
  const storage = {
    get: async (key: string) => JSON.parse((await client.get(`g:${key}`)) ?? 'null'),
    set: async (key: string, entry: unknown) =>
      void (await client.set(`g:${key}`, JSON.stringify(entry), { expiration: { type: 'PX', value: TTL } })),
  }
  const wrap = defineCachedFunction(async (_key: string) => load(), { name: 'user', maxAge: TTL / 1_000, getKey: (key) => key, storage })
  await wrap(KEY)
  return { name: 'ocache', call: () => wrap(KEY), wrap, close: async () => client.destroy() }
}
