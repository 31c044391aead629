import { type Directives, INVALID, isMisspelt, mentionsPrivacy, parseCacheControl } from './cache-control.ts'
import { parseDictionary } from './structured.ts'

/** What a response says about its caching, from the one field that counts. */
export interface ResponsePolicy extends Directives {
  /** A targeted field counts: `Cache-Control` and `Expires` are then not looked at (RFC 9213 §2.2). */
  readonly isTargeted: boolean
}

const NUMBERS = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error'])

/**
 * The directives that count for this cache.
 *
 * @param targets targeted fields in order, such as `CDN-Cache-Control`; the first valid one that is not empty wins
 */
export function responsePolicy(headers: Headers, targets: readonly string[]): ResponsePolicy {
  let isDoubtful = false
  for (const target of targets) {
    const text = headers.get(target)
    if (text === null) continue
    const directives = parseTargeted(text)
    if (directives !== undefined && directives.values.size > 0) return { ...directives, isTargeted: true }
    // RFC 9213 ignores a field that does not parse. What it forbids in spite of that is not stored either.
    isDoubtful ||= mentionsPrivacy(text)
  }
  const directives = parseCacheControl(headers.get('cache-control'))
  return { values: directives.values, isDoubtful: isDoubtful || directives.isDoubtful, isTargeted: false }
}

function parseTargeted(text: string): Directives | undefined {
  const dictionary = parseDictionary(text)
  if (dictionary === undefined) return undefined
  const values = new Map<string, string>()
  for (const [name, { type, text: value }] of dictionary) {
    values.set(name, NUMBERS.has(name) && type !== 'integer' ? INVALID : value)
  }
  return { values, isDoubtful: isMisspelt(values) }
}
