import { Redis, type RedisOptions } from 'ioredis'
import { BOUND, hitOrMiss, type Open, type Openers } from '../subject.ts'

/**
 * The README's "Auto-reconnect" (`maxRetriesPerRequest`), and `connectTimeout` and `commandTimeout` of the reference of
 * `RedisOptions`; the latter counts in the offline queue too.
 */
export const BEST_OPTIONS = {
  connectTimeout: BOUND,
  commandTimeout: BOUND,
  maxRetriesPerRequest: 1,
} as const satisfies RedisOptions

function open(options: RedisOptions): Open {
  return ({ url }, onError) => {
    const redis = new Redis(url, options)
    redis.on('error', onError)
    return {
      get: async (key) => hitOrMiss(await redis.get(key)),
      set: async (key, value) => (await redis.set(key, value)) === 'OK',
      close: async () => redis.disconnect(),
    }
  }
}

export const openers: Openers = { defaults: open({}), best: open(BEST_OPTIONS) }
