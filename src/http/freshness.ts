import { milliseconds, qualifiedFields } from './cache-control.ts'
import { parseHttpDate } from './http-date.ts'
import { isHeuristicStatus } from './status.ts'
import type { ResponsePolicy } from './targeted.ts'

/** How long a response may be used, worked out when it is stored. All durations in ms. */
export interface Freshness {
  /** Freshness lifetime (RFC 9111 §4.2.1). */
  readonly lifetime: number
  /** `stale-while-revalidate` (RFC 5861 §3). */
  readonly swr: number
  /** `stale-if-error` (RFC 5861 §4). */
  readonly staleIfError: number
  /** Unqualified `no-cache`: never used without validation. */
  readonly isUnvalidated: boolean
  /** Never used stale (RFC 9111 §4.2.4). */
  readonly isStrict: boolean
  /** May be stored for, and used by, requests with credentials (RFC 9111 §3.5). */
  readonly isShareable: boolean
  readonly isImmutable: boolean
}

/** What holds for responses that say nothing of their own. ms. */
export interface FreshnessDefaults {
  readonly ttl: number | undefined
  readonly swr: number
  readonly staleIfError: number
  /** Guess from `Last-Modified`. */
  readonly heuristic: boolean
}

/** A response's head. */
export interface Head {
  readonly status: number
  readonly headers: Headers
}

/** @returns undefined where nothing says that the response may be kept */
export function freshnessOf(head: Head, policy: ResponsePolicy, responseAt: number, defaults: FreshnessDefaults): Freshness | undefined {
  const { values } = policy
  const isSilent = values.size === 0 && !policy.isDoubtful && !head.headers.has('expires')
  // What the options say is for responses that have a lifetime by them.
  const isByDefault = isSilent && defaults.ttl !== undefined
  const lifetime = explicitLifetime(head.headers, policy, responseAt) ?? (isSilent ? defaults.ttl : undefined)
  if (lifetime === undefined && !values.has('public') && !isHeuristicStatus(head.status)) return undefined
  const isUnvalidated = qualifiedFields(policy, 'no-cache')?.length === 0
  const has = (name: string): boolean => values.has(name)
  return {
    lifetime: lifetime ?? (defaults.heuristic ? heuristicLifetime(head.headers, responseAt) : 0),
    swr: milliseconds(policy, 'stale-while-revalidate') ?? (isByDefault ? defaults.swr : 0),
    staleIfError: milliseconds(policy, 'stale-if-error') ?? (isByDefault ? defaults.staleIfError : 0),
    isUnvalidated,
    isStrict: isUnvalidated || has('must-revalidate') || has('proxy-revalidate') || has('s-maxage'),
    isShareable: has('public') || has('must-revalidate') || has('s-maxage'),
    isImmutable: has('immutable'),
  }
}

function explicitLifetime(headers: Headers, policy: ResponsePolicy, responseAt: number): number | undefined {
  const stated = milliseconds(policy, 's-maxage') ?? milliseconds(policy, 'max-age')
  if (stated !== undefined || policy.isTargeted) return stated
  const expires = headers.get('expires')
  if (expires === null) return undefined
  const expiresAt = parseHttpDate(expires, responseAt)
  // An invalid date, `0` above all, means already expired (RFC 9111 §5.3).
  return expiresAt === undefined ? 0 : Math.max(0, expiresAt - (parseHttpDate(headers.get('date'), responseAt) ?? responseAt))
}

/** A tenth of the time since the last change (RFC 9111 §4.2.2). */
function heuristicLifetime(headers: Headers, responseAt: number): number {
  const modifiedAt = parseHttpDate(headers.get('last-modified'), responseAt)
  if (modifiedAt === undefined) return 0
  return Math.max(0, ((parseHttpDate(headers.get('date'), responseAt) ?? responseAt) - modifiedAt) / 10)
}
