import type { Context } from 'hono'
import type { Cache, Invocation } from '../facade/types.ts'

/** What `cacheContext` leaves for `responseCache` further in. */
export interface RequestCache {
  /** For work that outlives the request. */
  readonly root: Cache
  readonly invocation: Invocation
  /** The response is whole and nothing further in uses the invocation any more: its body need not be waited for. */
  isDone: boolean
}

const NAME = 'fastmiss.request'

/** The variables of a request that has it. */
export function variablesOf(cache: RequestCache): Readonly<Record<string, unknown>> {
  return { [NAME]: cache, cache: cache.invocation }
}

/** @returns what `cacheContext` left, where it was there */
export function attached(c: Context): RequestCache | undefined {
  // Nobody else writes under this name.
  return c.get(NAME) as RequestCache | undefined
}
