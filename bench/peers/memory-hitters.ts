import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { createCache as createCacheManager } from 'cache-manager'
import { Cacheable } from 'cacheable'
import { createCache } from 'fastmiss'
import Keyv from 'keyv'
import type { Hitter } from './hitters.ts'

const KEY = 'user'

/** The facade's copies, and the memory layers of the libraries that people use for the same, each as its documentation sets it up. */
export async function memoryHitters(url: string, value: object): Promise<Hitter[]> {
  const memory = { ttl: 600_000 }
  const own = createCache({ url, namespace: 'm', memory }).invocation()
  await own.set(KEY, value)
  const shared = createCache({ url, namespace: 'm', memory: { ...memory, share: true } }).invocation()
  await shared.get(KEY)
  // What is left without the decoding: a serializer that has nothing to parse.
  const entry = { value }
  const undecoded = createCache({ url, namespace: 'n', memory, serializer: { stringify: JSON.stringify, parse: () => entry } }).invocation()
  await undecoded.set(KEY, value)
  const keyv = new Keyv()
  await keyv.set(KEY, value)
  const cacheable = new Cacheable()
  await cacheable.set(KEY, value)
  const cacheManager = createCacheManager()
  await cacheManager.set(KEY, value)
  const bentocache = new BentoCache({ default: 'memory', stores: { memory: bentostore().useL1Layer(memoryDriver({ maxSize: '10mb' })) } })
  await bentocache.set({ key: KEY, value })
  return [
    { name: 'fastmiss, memory', call: () => own.get(KEY), close: () => own.close() },
    { name: 'fastmiss, memory, without decoding', call: () => undecoded.get(KEY), close: () => undecoded.close() },
    { name: 'fastmiss, memory, share', call: () => shared.get(KEY), close: () => shared.close() },
    { name: 'keyv, in memory', call: () => keyv.get(KEY), close: () => keyv.disconnect() },
    { name: 'cacheable, in memory', call: () => cacheable.get(KEY), close: () => cacheable.disconnect() },
    { name: 'cache-manager, in memory', call: () => cacheManager.get(KEY), close: () => cacheManager.disconnect() },
    { name: 'bentocache, in memory', call: () => bentocache.get({ key: KEY }), close: () => bentocache.disconnectAll() },
  ]
}
