import { resultOf, valueOf } from './answer.ts'
import { createFurther, type Further } from './further.ts'
import { internals, type WithInternals } from './internals.ts'
import type { CacheOperations } from './operations.ts'
import type { WrapContext } from '../wrap/context.ts'
import { type Found, readOne } from '../store/read.ts'
import type { CacheResult, CallOptions } from '../options/types.ts'
import type { Loader, ManyLoader, WrapManyOptions, WrapOptions } from '../wrap/types.ts'

/**
 * The facade. What reads one entry is made at once, the rest when one of it is first called: each invocation has operations
 * of its own, and seldom asks for more than one or two of them.
 */
export function createOperations(context: WrapContext): CacheOperations & WithInternals {
  const { now } = context
  let made: Further | undefined
  const further = (): Further => (made ??= createFurther(context))
  const toValue = <Value>(found: Found): Value | undefined => valueOf(found, now)
  const toResult = <Value>(found: Found, startedAt: number): CacheResult<Value> => resultOf(found, startedAt, now)

  const operations: CacheOperations & { [internals]?: WrapContext } = {
    get: <Value>(key: string, call?: CallOptions) => readOne(context, 'get', key, call, undefined, toValue<Value>),
    lookup: <Value>(key: string, call?: CallOptions) => readOne(context, 'get', key, call, undefined, toResult<Value>),
    set: (key, value, call) => further().set(key, value, call),
    getMany: (keys, call) => further().getMany(keys, call),
    setMany: (entries, call) => further().setMany(entries, call),
    delete: (key, call) => further().delete(key, call),
    deleteMany: (keys, call) => further().deleteMany(keys, call),
    has: (key, call) => further().has(key, call),
    hasMany: (keys, call) => further().hasMany(keys, call),
    wrap: <Value>(key: string, loader: Loader<Value>, options?: WrapOptions) => further().wrap<Value>(key, loader, options),
    wrapped: <Value>(key: string, loader: Loader<Value>, options?: WrapOptions) => further().wrapped<Value>(key, loader, options),
    wrapMany: <Value>(keys: readonly string[], loader: ManyLoader<Value>, options?: WrapManyOptions) =>
      further().wrapMany<Value>(keys, loader, options),
    invalidateTags: (tags, call) => further().invalidateTags(tags, call),
    clear: (call) => further().clear(call),
    health: (call) => further().health(call),
  }
  // Written on its own: in a literal or by Object.assign a symbol takes the slow way, and each invocation would pay for it.
  operations[internals] = context
  return operations as CacheOperations & WithInternals
}
