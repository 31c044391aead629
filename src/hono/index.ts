export { cacheContext, type CacheContextEnv, type CacheContextOptions } from './cache-context.ts'
