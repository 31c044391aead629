import { createCache } from '../index.ts'
import { createCacheHandler } from './cache-handler.ts'
import { createCacheHandlers } from './cache-handlers.ts'
import type { IncrementalHandlerClass, NextOptionsGiven, UseCacheHandler } from './types.ts'

export * from './public.ts'

const runtime = { createCache, isEdge: false }

/**
 * `cacheHandler` of next.config: pages and route handlers (ISR), `fetch`, and images with `images.customCacheHandler`. The file that
 * next.config names makes it once and exports it as its default.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 * @example
 * ```ts
 * import { fromEnv } from 'fastmiss'
 * import { cacheHandler } from 'fastmiss/next'
 * export default cacheHandler(() => ({ ...fromEnv(process.env), namespace: 'app' }))
 * ```
 */
export function cacheHandler(options: NextOptionsGiven): IncrementalHandlerClass {
  return createCacheHandler(options, runtime)
}

/**
 * A handler of `cacheHandlers` of next.config, for `'use cache'` (`default`) and `'use cache: remote'` (`remote`). The file that next.config
 * names makes it once and exports it as its default.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 * @example
 * ```ts
 * import { fromEnv } from 'fastmiss'
 * import { cacheHandlers } from 'fastmiss/next'
 * export default cacheHandlers(() => ({ ...fromEnv(process.env), namespace: 'app' }))
 * ```
 */
export function cacheHandlers(options: NextOptionsGiven): UseCacheHandler {
  return createCacheHandlers(options, runtime)
}
