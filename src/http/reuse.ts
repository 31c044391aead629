import type { RequestDirectives } from './request-directives.ts'
import { currentAge, remainingLifetime, type StoredResponse } from './stored.ts'

/**
 * What may be done with a stored response:
 * - `fresh` answer with it
 * - `stale` answer with it and refresh it aside
 * - `validate` ask the handler first
 * - `ask` the client wants the handler's answer
 */
export type Reuse = 'fresh' | 'stale' | 'validate' | 'ask'

/** Decides how a stored response that matches may be used (RFC 9111 §4). */
export function decideReuse(stored: StoredResponse, request: RequestDirectives, now: number): Reuse {
  const { isUnvalidated, isStrict, isImmutable, swr } = stored.freshness
  const remaining = remainingLifetime(stored, now)
  const age = currentAge(stored, now)
  if (isUnvalidated) return 'validate'
  if (request.noCache) return 'ask'
  // RFC 8246: a plain reload says nothing new about what never changes while it is fresh.
  if (request.maxAge !== undefined && age > request.maxAge && !(isImmutable && request.maxAge === 0 && remaining > 0)) return 'ask'
  if (remaining > 0) return remaining >= (request.minFresh ?? 0) ? 'fresh' : 'ask'
  if (isStrict || request.minFresh !== undefined) return 'validate'
  if (request.maxStale !== undefined && -remaining <= request.maxStale) return 'fresh'
  return -remaining < swr ? 'stale' : 'validate'
}

/** Whether it may stand in for an error of the handler (RFC 5861 §4). */
export function canReplaceError({ freshness, ...rest }: StoredResponse, now: number): boolean {
  const stale = -remainingLifetime({ freshness, ...rest }, now)
  return !freshness.isStrict && stale < freshness.staleIfError
}

/** How long it is worth keeping, in ms from `now`: its freshness, the larger stale window, and what a validator makes of it. */
export function keepFor(stored: StoredResponse, now: number, keepValidators: number): number {
  const { isStrict, swr, staleIfError } = stored.freshness
  const hasValidator = stored.headers.some(([name]) => name === 'etag' || name === 'last-modified')
  const window = Math.max(isStrict ? 0 : Math.max(swr, staleIfError), hasValidator ? keepValidators : 0)
  return Math.floor(Math.max(0, remainingLifetime(stored, now)) + window)
}
