/** What this cache did, in the words of RFC 9211. */
export interface CacheStatus {
  readonly hit?: boolean
  readonly fwd?: 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale' | 'partial'
  readonly fwdStatus?: number
  /** ms until it is stale; may be negative. */
  readonly ttl?: number
  readonly stored?: boolean
  readonly collapsed?: boolean
  readonly key?: string
  /** A token: why the cache was passed by, or why Redis gave no answer. */
  readonly detail?: string
}

/** The member of `Cache-Status` to append. `name` is a token. */
export function cacheStatus(name: string, { hit, fwd, fwdStatus, ttl, stored, collapsed, key, detail }: CacheStatus): string {
  let text = name
  if (hit) text += '; hit'
  else if (fwd !== undefined) {
    text += `; fwd=${fwd}`
    if (fwdStatus !== undefined) text += `; fwd-status=${fwdStatus}`
  }
  if (ttl !== undefined) text += `; ttl=${Math.floor(ttl / 1000)}`
  if (stored) text += '; stored'
  if (collapsed) text += '; collapsed'
  if (key !== undefined) text += `; key="${key}"`
  return detail === undefined ? text : `${text}; detail=${detail}`
}
