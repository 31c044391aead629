import type { Cache } from '../facade/types.ts'

/** A cache, or how to make one of the environment. */
export type CacheSource = Cache | ((env: never) => Cache)

/**
 * Calls a function of the environment at the first request of an isolate, and not again.
 *
 * @throws TypeError where the source is neither a cache nor a function
 */
export function cacheFrom(cache: CacheSource): (env: unknown) => Cache {
  const given: unknown = cache
  if (typeof cache === 'function') {
    let made: Cache | undefined
    // The caller's own type of its environment; Hono hands over what the runtime gave.
    return (env) => (made ??= cache(env as never))
  }
  if (typeof given !== 'object' || given === null) throw new TypeError('cache: expected a cache, or a function of the environment that makes one')
  return () => cache
}
