import { Cacheable } from 'cacheable'
import { hitOrMiss, type Open, type Openers } from '../subject.ts'
import { bestStore, defaultStore } from './keyv-redis.ts'

/** A layer in memory and Redis behind it, as the README's "Getting Started". */
function open(makeStore: typeof bestStore, nonBlocking: boolean): Open {
  return ({ url }, onError) => {
    const cache = new Cacheable({ secondary: makeStore(url), nonBlocking })
    cache.on('error', onError)
    return {
      get: async (key) => hitOrMiss(await cache.get(key)),
      set: (key, value) => cache.set(key, value),
      close: () => cache.disconnect(),
    }
  }
}

/** Best: the README's "Non-Blocking with @keyv/redis". */
export const openers: Openers = { defaults: open(defaultStore, false), best: open(bestStore, true) }
