import { resultOf, valueOf } from './answer.ts'
import { createVerbs, type Verbs } from './verbs.ts'
import { observeOperations } from './observe.ts'
import { internals, type WithInternals } from './internals.ts'
import type { CacheOperations } from './operations.ts'
import { type EntryOptions, withinNamespace } from '../entry/entry-options.ts'
import type { WrapContext } from '../wrap/context.ts'
import { withListener } from '../store/observed.ts'
import type { Origin } from '../store/copies/origin.ts'
import type { Found } from '../store/found.ts'
import { readOne } from '../store/read.ts'
import type { CacheResult, CallOptions, ReadOptions } from '../options/types.ts'
import type { Loader, ManyLoader, WrapManyOptions, WrapOptions } from '../wrap/types.ts'

/**
 * The operations of a cache or an invocation. `get` and `lookup` are made at once, the others when one of them is first called: most
 * invocations call only one or two.
 *
 * @param own options of the namespace
 * @param contextOf what they run on, for one namespace or another
 * @param nested makes the operations of a namespace within
 */
export function createOperations(
  own: EntryOptions,
  contextOf: (own: EntryOptions) => WrapContext,
  nested: (inner: EntryOptions) => CacheOperations = (inner) => createOperations(inner, contextOf),
): CacheOperations & WithInternals {
  const context = contextOf(own)
  const operations = operationsOn(own, context, nested)
  const { observer } = context.observation
  if (observer !== undefined) {
    observeOperations(operations, observer, own.namespace, (listen, group) => operationsOn(own, withListener(context, listen, group), nested))
  }
  return operations
}

function operationsOn(own: EntryOptions, context: WrapContext, nested: (inner: EntryOptions) => CacheOperations): CacheOperations & WithInternals {
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
    take: <Value>(key: string, call?: CallOptions) => verbs().take<Value>(key, call),
    touch: (key, ttl, call) => verbs().touch(key, ttl, call),
    keys: (call) => verbs().keys(call),
    invalidateTags: (tags, call) => verbs().invalidateTags(tags, call),
    expireTags: (tags, call) => verbs().expireTags(tags, call),
    clear: (call) => verbs().clear(call),
    health: (call) => verbs().health(call),
    namespace: <Key extends string, Tag extends string>(name: string) => nested(withinNamespace(own, name)) as CacheOperations<Key, Tag>,
  }
  // Set on its own: a symbol in a literal or in Object.assign is slow, and each invocation would pay for it.
  operations[internals] = context
  return operations as CacheOperations & WithInternals
}
