import { createCache } from 'cache-manager'
import Keyv from 'keyv'
import { hitOrMiss, type Open, type Openers } from '../subject.ts'
import { bestStore, defaultStore } from './keyv-redis.ts'

/** Redis through Keyv, as the README's "Usage". */
function open(makeStore: typeof bestStore, throwOnErrors: boolean): Open {
  return ({ url }, onError) => {
    const redis = makeStore(url)
    redis.throwOnErrors = throwOnErrors
    const store = new Keyv({ store: redis, throwOnErrors })
    store.on('error', onError)
    const cache = createCache({ stores: [store] })
    return {
      get: async (key) => hitOrMiss(await cache.get(key)),
      // It resolves to the value, or rejects.
      set: async (key, value) => (await cache.set(key, value)) === value,
      close: () => cache.disconnect(),
    }
  }
}

/** It has no settings of its own for this; best: those of its store, as with Keyv alone. */
export const openers: Openers = { defaults: open(defaultStore, false), best: open(bestStore, true) }
