import { createStorage } from 'unstorage'
import redisDriver, { type RedisOptions } from 'unstorage/drivers/redis'
import { hitOrMiss, type Open, type Openers } from '../subject.ts'
import { BEST_OPTIONS } from './ioredis.ts'

function open(options: RedisOptions): Open {
  return ({ url }, onError) => {
    const driver = redisDriver({ url, ...options })
    const storage = createStorage<string>({ driver })
    let isHeard = false
    // The driver makes its client on first use. ioredis needs no listener; this one counts.
    const client = (): void => {
      const instance = isHeard ? undefined : driver.getInstance?.()
      isHeard = true
      instance?.on('error', onError)
    }
    return {
      get: async (key) => (client(), hitOrMiss(await storage.getItem(key))),
      // It resolves to nothing, or rejects.
      set: async (key, value) => (client(), await storage.setItem(key, value), true),
      close: () => storage.dispose(),
    }
  }
}

/** Best: the driver's documentation, "Redis": what is not its own goes to ioredis. */
export const openers: Openers = { defaults: open({}), best: open(BEST_OPTIONS) }
