import type { CacheOperations } from './operations.ts'
import type { WrapContext } from '../wrap/context.ts'

/**
 * Where a cache or an invocation keeps what its operations run on, for the other rooms of this package. One for both forms of the
 * package: a cache that was imported may be handed to a store that was required.
 */
export const internals: unique symbol = Symbol.for('fastmiss.internals')

/** A cache or an invocation, seen from inside. */
export interface WithInternals {
  readonly [internals]: WrapContext
}

/**
 * The context of a cache's operations: store, keys (reserved ones too), options and clock.
 *
 * @throws TypeError where it was not made by `createCache`
 */
export function internalsOf(cache: CacheOperations): WrapContext {
  const found = (cache as Partial<WithInternals> | undefined)?.[internals]
  if (found === undefined) throw new TypeError('cache: expected what createCache() or invocation() returned')
  return found
}
