import { createCache, type CacheOptions } from 'fastmiss'
import type { Open, Openers } from '../subject.ts'

/** The drivers' import is no part of a `get`; the other libraries were imported by now too. It opens no connection. */
export async function load(): Promise<void> {
  await createCache({ url: 'redis://127.0.0.1' }).preload()
  await createCache({ url: 'http://127.0.0.1', token: 'none' }).preload()
}

function open(options: Pick<CacheOptions, 'connection'> = {}): Open {
  return ({ url, token }) => {
    const cache = createCache({ url, ...(token === undefined ? {} : { token }), ...options })
    return {
      async get(key) {
        const found = await cache.lookup(key)
        if (found.status === 'degraded') return { answer: 'degraded', reason: found.reason }
        return { answer: found.status === 'miss' ? 'miss' : 'hit' }
      },
      set: (key, value) => cache.set(key, value),
      close: async () => cache.close(),
    }
  }
}

/** Nothing but the URL, and Redis as it is reached by each of its transports. */
export const openers: Openers = { defaults: open(), reuse: open({ connection: 'reuse' }) }
