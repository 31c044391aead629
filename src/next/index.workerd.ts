import { createCache } from '../index.workerd.ts'
import { createCacheHandler } from './cache-handler.ts'
import { createCacheHandlers } from './cache-handlers.ts'
import type { IncrementalHandlerClass, NextOptionsGiven, UseCacheHandler } from './types.ts'

export * from './public.ts'

const runtime = { createCache, isEdge: true }

/** As in `index.ts`, over Upstash's REST API; with an address for TCP nothing is kept here. */
export function cacheHandler(options: NextOptionsGiven): IncrementalHandlerClass {
  return createCacheHandler(options, runtime)
}

/** As in `index.ts`. Next.js itself runs `'use cache'` on Node alone. */
export function cacheHandlers(options: NextOptionsGiven): UseCacheHandler {
  return createCacheHandlers(options, runtime)
}
