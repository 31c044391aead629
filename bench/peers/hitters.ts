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
  close(): Promise<unknown>
}

const KEY = 'user'

/** The facade, and the libraries that people use for the same, each as its documentation sets it up; no layer in memory. */
export async function hitters(url: string, value: object): Promise<Hitter[]> {
  return Promise.all(
    [fastmissInvocation, fastmissRoot, keyvRedis, cacheable, cacheManager, bentocache, unstorage, cachifiedRedis, ocache].map((make) =>
      make(url, value),
    ),
  )
}

async function fastmissInvocation(url: string, value: object): Promise<Hitter> {
  const invocation = createCache({ url, namespace: 'a' }).invocation()
  await invocation.set(KEY, value)
  return { name: 'fastmiss, invocation', call: () => invocation.get(KEY), close: () => invocation.close() }
}

async function fastmissRoot(url: string, value: object): Promise<Hitter> {
  const cache = createCache({ url, namespace: 'a' })
  await cache.set(KEY, value)
  return { name: 'fastmiss, root', call: () => cache.get(KEY), close: () => Promise.resolve() }
}

async function keyvRedis(url: string, value: object): Promise<Hitter> {
  const keyv = new Keyv({ store: new KeyvRedis(url), namespace: 'b' })
  await keyv.set(KEY, value)
  return { name: 'keyv + @keyv/redis', call: () => keyv.get(KEY), close: () => keyv.disconnect() }
}

async function cacheable(url: string, value: object): Promise<Hitter> {
  const store = new Keyv({ store: new KeyvRedis(url), namespace: 'c' })
  const cache = new Cacheable({ primary: store })
  await cache.set(KEY, value)
  return { name: 'cacheable', call: () => cache.get(KEY), close: () => store.disconnect() }
}

async function cacheManager(url: string, value: object): Promise<Hitter> {
  const store = new Keyv({ store: new KeyvRedis(url), namespace: 'd' })
  const cache = createCacheManager({ stores: [store] })
  await cache.set(KEY, value)
  return { name: 'cache-manager', call: () => cache.get(KEY), close: () => store.disconnect() }
}

async function bentocache(url: string, value: object): Promise<Hitter> {
  const connection = new Redis(url)
  const cache = new BentoCache({ default: 'redis', stores: { redis: bentostore().useL2Layer(bentoRedis({ connection })) } })
  await cache.set({ key: KEY, value })
  return { name: 'bentocache', call: () => cache.get({ key: KEY }), close: () => cache.disconnectAll() }
}

async function unstorage(url: string, value: object): Promise<Hitter> {
  const storage = createStorage({ driver: unstorageRedis({ url, base: 'e' }) })
  await storage.setItem(KEY, value)
  return { name: 'unstorage', call: () => storage.getItem(KEY), close: () => storage.dispose() }
}

async function cachifiedRedis(url: string, value: object): Promise<Hitter> {
  const client = createClient({ url, RESP: 2, commandOptions: { timeout: 0 } })
  client.on('error', () => {})
  await client.connect()
  const cache = {
    get: async (key: string) => JSON.parse((await client.get(`f:${key}`)) ?? 'null'),
    set: (key: string, entry: unknown) => client.set(`f:${key}`, JSON.stringify(entry)),
    delete: (key: string) => client.del(`f:${key}`),
  }
  const call = (): Promise<unknown> => cachified({ key: KEY, cache, ttl: 600_000, getFreshValue: () => value })
  await call()
  return { name: 'cachified', call, close: async () => client.destroy() }
}

async function ocache(url: string, value: object): Promise<Hitter> {
  const client = createClient({ url, RESP: 2, commandOptions: { timeout: 0 } })
  client.on('error', () => {})
  await client.connect()
  const storage = {
    get: async (key: string) => JSON.parse((await client.get(`g:${key}`)) ?? 'null'),
    set: async (key: string, entry: unknown) => void (await client.set(`g:${key}`, JSON.stringify(entry))),
  }
  const call = defineCachedFunction(async () => value, { name: 'user', maxAge: 600, getKey: () => KEY, storage })
  await call()
  return { name: 'ocache', call: () => call(), close: async () => client.destroy() }
}
