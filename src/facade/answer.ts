import { isStale } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { sourceOf, type Origin } from '../store/copies/origin.ts'
import type { Found } from '../store/found.ts'
import { degraded } from '../store/report.ts'
import type { CacheResult } from '../options/types.ts'

/** The value, or undefined where there is none or it is stale. Its type is what the caller claims. */
export function valueOf<Value>(found: Found, now: () => number): Value | undefined {
  return found === undefined || found instanceof CacheError || isStale(found, now) ? undefined : (found.value as Value)
}

/** Whether `valueOf` gives a value. A remembered `undefined` (`negativeTtl`) is none. */
export function isThere(found: Found, now: () => number): boolean {
  return found !== undefined && !(found instanceof CacheError) && found.none !== true && !isStale(found, now)
}

/** The whole answer. @param startedAt epoch ms */
export function resultOf<Value>(found: Found, startedAt: number, now: () => number, origin?: Origin): CacheResult<Value> {
  if (found === undefined) return { status: 'miss' }
  const at = now()
  if (found instanceof CacheError) return degraded(found, at - startedAt)
  const until = found.fresh ?? found.expires
  return {
    status: isStale(found, () => at) ? 'stale' : 'hit',
    value: found.value as Value,
    age: found.at === undefined ? undefined : Math.max(0, at - found.at),
    ttl: until === undefined ? undefined : until - at,
    ...sourceOf(origin),
  }
}
