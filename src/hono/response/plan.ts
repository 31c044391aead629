import type { RequestDirectives } from '../../http/request-directives.ts'
import { decideReuse } from '../../http/reuse.ts'
import type { Lookup } from './lookup.ts'

/** What to do with a request; where the handler is asked, mostly in the words of Cache-Status. */
export type Plan = 'fresh' | 'stale' | 'validate' | 'request' | 'uri-miss' | 'vary-miss'

/** Decides by what the lookup came to. */
export function planFor({ found, variants }: Lookup, directives: RequestDirectives, now: number): Plan {
  if (found === undefined) return variants === undefined ? 'uri-miss' : 'vary-miss'
  const reuse = decideReuse(found, directives, now)
  return reuse === 'ask' ? 'request' : reuse
}

/** Why the handler is asked, in the words of Cache-Status (RFC 9211 §2.2). */
export function forwardedFor(plan: Plan): 'stale' | 'request' | 'uri-miss' | 'vary-miss' {
  return plan === 'validate' || plan === 'fresh' ? 'stale' : plan
}

/** What is stored for everybody is for requests with credentials only where it says so (RFC 9111 §3.5). */
export function withoutStrangers(lookup: Lookup, isAuthorized: boolean): Lookup {
  return isAuthorized && lookup.found?.freshness.isShareable === false ? { ...lookup, found: undefined } : lookup
}
