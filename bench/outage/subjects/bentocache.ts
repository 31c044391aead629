import { BentoCache, bentostore } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import { redisDriver } from 'bentocache/drivers/redis'
import { Redis, type RedisOptions } from 'ioredis'
import { hitOrMiss, type Open, type Openers } from '../subject.ts'
import { BEST_OPTIONS } from './ioredis.ts'

interface Settings {
  readonly redis: RedisOptions
  readonly suppressL2Errors?: boolean
  readonly l2CircuitBreakerDuration?: string
}

/** A layer in memory and Redis behind it, as the documentation's "Multi-tier"; no bus, for one instance. */
function open({ redis, ...settings }: Settings): Open {
  return ({ url }, onError) => {
    const connection = new Redis(url, redis)
    connection.on('error', onError)
    const layers = bentostore()
      .useL1Layer(memoryDriver({ maxSize: '10mb' }))
      .useL2Layer(redisDriver({ connection }))
    const cache = new BentoCache({ default: 'multitier', stores: { multitier: layers }, ...settings })
    return {
      get: async (key) => hitOrMiss(await cache.get({ key })),
      set: (key, value) => cache.set({ key, value }),
      close: () => cache.disconnectAll(),
    }
  }
}

/**
 * Best: the documentation's "Options": `l2CircuitBreakerDuration` remembers an outage, `suppressL2Errors: false` tells it; and
 * ioredis's own bounds, since its timeouts are those of a factory.
 */
export const openers: Openers = {
  defaults: open({ redis: {} }),
  best: open({ redis: BEST_OPTIONS, suppressL2Errors: false, l2CircuitBreakerDuration: '1s' }),
}
