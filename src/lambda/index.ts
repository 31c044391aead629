export { type LambdaContext, withCache, type WithCacheOptions } from './with-cache.ts'
