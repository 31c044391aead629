import { Redis, type RedisConfigNodejs } from '@upstash/redis'
import { BOUND, hitOrMiss, type Open, type Openers } from '../subject.ts'

function open(options: Partial<RedisConfigNodejs>): Open {
  return ({ url, token = '' }) => {
    const redis = new Redis({ url, token, enableTelemetry: false, ...options })
    return {
      get: async (key) => hitOrMiss(await redis.get(key)),
      set: async (key, value) => (await redis.set(key, value)) === 'OK',
      close: async () => {},
    }
  }
}

/** Best: the SDK's documentation, "Request Timeout" (`signal`, a function) and "Retries" (`retry`). */
export const openers: Openers = {
  defaults: open({}),
  best: open({ signal: () => AbortSignal.timeout(BOUND), retry: { retries: 0 } }),
}
