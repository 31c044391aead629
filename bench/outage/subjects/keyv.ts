import Keyv from 'keyv'
import { hitOrMiss, type Open, type Openers } from '../subject.ts'
import { bestStore, defaultStore } from './keyv-redis.ts'

function open(makeStore: typeof bestStore, throwOnErrors: boolean): Open {
  return ({ url }, onError) => {
    const store = makeStore(url)
    store.throwOnErrors = throwOnErrors
    const keyv = new Keyv<string>({ store, throwOnErrors })
    keyv.on('error', onError)
    return {
      get: async (key) => hitOrMiss(await keyv.get(key)),
      set: (key, value) => keyv.set(key, value),
      close: () => keyv.disconnect(),
    }
  }
}

/** Best: with `throwOnErrors` of the READMEs of both packages, which is how they tell a sick Redis. */
export const openers: Openers = { defaults: open(defaultStore, false), best: open(bestStore, true) }
