import { resultOf, valueOf } from './answer.ts'
import { createVerbs, type Verbs } from './verbs.ts'
import { internals, type WithInternals } from './internals.ts'
import type { CacheOperations } from './operations.ts'
import type { WrapContext } from '../wrap/context.ts'
import type { Origin } from '../store/copies/origin.ts'
import { type Found, readOne } from '../store/read.ts'
import type { CacheResult, ReadOptions } from '../options/types.ts'
import type { Loader, ManyLoader, WrapManyOptions, WrapOptions } from '../wrap/types.ts'

/**
 * The operations of a cache or an invocation. `get` and `lookup` are made at once, the others when one of them is first called: most
 * invocations call only one or two.
 */
export function createOperations(context: WrapContext): CacheOperations & WithInternals {
  const { now } = context
  let made: Verbs | undefined
  const verbs = (): Verbs => (made ??= createVerbs(context))
  const toValue = <Value>(found: Found): Value | undefined => valueOf(found, now)
  const toResult = <Value>(found: Found, startedAt: number, _versions: unknown, origin?: Origin): CacheResult<Value> =>
    resultOf(found, startedAt, now, origin)

  const operations: CacheOperations & { [internals]?: WrapContext } = {
    get: <Value>(key: string, call?: ReadOptions) => readOne(context, 'get', key, call, undefined, toValue<Value>),
    lookup: <Value>(key: string, call?: ReadOptions) => readOne(context, 'get', key, call, undefined, toResult<Value>),
    set: (key, value, call) => verbs().set(key, value, call),
    getMany: (keys, call) => verbs().getMany(keys, call),
    setMany: (entries, call) => verbs().setMany(entries, call),
    delete: (key, call) => verbs().delete(key, call),
    deleteMany: (keys, call) => verbs().deleteMany(keys, call),
    has: (key, call) => verbs().has(key, call),
    hasMany: (keys, call) => verbs().hasMany(keys, call),
    wrap: <Value>(key: string, loader: Loader<Value>, options?: WrapOptions) => verbs().wrap<Value>(key, loader, options),
    wrapped: <Value>(key: string, loader: Loader<Value>, options?: WrapOptions) => verbs().wrapped<Value>(key, loader, options),
    wrapMany: <Value>(keys: readonly string[], loader: ManyLoader<Value>, options?: WrapManyOptions) =>
      verbs().wrapMany<Value>(keys, loader, options),
    invalidateTags: (tags, call) => verbs().invalidateTags(tags, call),
    clear: (call) => verbs().clear(call),
    health: (call) => verbs().health(call),
  }
  // Set on its own: a symbol in a literal or in Object.assign is slow, and each invocation would pay for it.
  operations[internals] = context
  return operations as CacheOperations & WithInternals
}
