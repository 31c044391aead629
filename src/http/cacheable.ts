import { qualifiedFields } from './cache-control.ts'
import type { Freshness, Head } from './freshness.ts'
import { parseNames } from './list.ts'
import { isUnderstoodStatus } from './status.ts'
import type { ResponsePolicy } from './targeted.ts'

/** What is known of the request whose response may be stored. */
export interface StoringRequest {
  readonly method: string
  /** It carries credentials of any kind. */
  readonly isAuthorized: boolean
  readonly noStore: boolean
}

/** Answers to a range or a condition of one request, which says nothing to the next. */
const CONDITIONAL = new Set([206, 304, 412, 416])

/** Whether a shared cache may store a response (RFC 9111 §3). Any doubt means no. */
export function canStore(request: StoringRequest, head: Head, policy: ResponsePolicy, freshness: Freshness | undefined): boolean {
  const { status, headers } = head
  if (freshness === undefined || request.method !== 'GET' || request.noStore) return false
  if (status < 200 || status > 599 || CONDITIONAL.has(status) || headers.has('content-range')) return false
  if (forbidsStoring(status, policy)) return false
  if (request.isAuthorized && !freshness.isShareable) return false
  if (!canStoreCookies(headers, policy) || !hasKnownVary(headers) || hasNonce(headers)) return false
  return isUseful(headers, freshness)
}

function forbidsStoring(status: number, policy: ResponsePolicy): boolean {
  const { values, isDoubtful } = policy
  if (isDoubtful || qualifiedFields(policy, 'private')?.length === 0) return true
  // `must-understand` overrides `no-store` for statuses that are understood, and forbids the others (RFC 9111 §5.2.2.3).
  return values.has('must-understand') ? !isUnderstoodStatus(status) : values.has('no-store')
}

/** A cookie is somebody's own, unless the response itself says that this field, and no other, is not for caches. */
function canStoreCookies(headers: Headers, policy: ResponsePolicy): boolean {
  if (!headers.has('set-cookie')) return true
  const isKeptOut = (name: 'private' | 'no-cache'): boolean => qualifiedFields(policy, name)?.includes('set-cookie') === true
  return isKeptOut('private') || isKeptOut('no-cache')
}

/** A nonce is for one page view: one that is stored is known to everybody. */
function hasNonce(headers: Headers): boolean {
  return ['content-security-policy', 'content-security-policy-report-only'].some((name) => /'nonce-/i.test(headers.get(name) ?? ''))
}

/** Whether a page names a nonce. The policy that has it may be set further out, after the page is stored. */
export function showsNonce(headers: Headers, body: string | Uint8Array): boolean {
  return typeof body === 'string' && /html|xml/i.test(headers.get('content-type') ?? '') && /\snonce\s*=/i.test(body)
}

/** Whether a response goes on as long as somebody listens: what was said to one is not for the next. */
export function isStream(headers: Headers): boolean {
  return /^\s*(?:text\/event-stream|multipart\/x-mixed-replace)/i.test(headers.get('content-type') ?? '')
}

function hasKnownVary(headers: Headers): boolean {
  const names = parseNames(headers.get('vary'))
  return names !== undefined && !names.includes('*')
}

/** Some way to use it again: fresh, stale within a window, or with a validator. */
function isUseful(headers: Headers, freshness: Freshness): boolean {
  const { lifetime, swr, staleIfError, isUnvalidated, isStrict } = freshness
  if (headers.has('etag') || headers.has('last-modified')) return true
  return !isUnvalidated && (lifetime > 0 || (!isStrict && swr + staleIfError > 0))
}
