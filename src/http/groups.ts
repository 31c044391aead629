import { parseList } from './list.ts'
import { parseStrings } from './structured.ts'

/** A tag for a group of one origin; tags of users hold no such prefix by accident. */
export function groupTag(origin: string, group: string): string {
  return JSON.stringify(['group', origin, group])
}

/** The groups that a response belongs to (RFC 9875 §2), compared exactly, and its own tags, of `Cache-Tag`. */
export function responseTags(headers: Headers, origin: string): readonly string[] {
  const groups = parseStrings(headers.get('cache-groups') ?? '') ?? []
  return [...groups.map((group) => groupTag(origin, group)), ...parseList(headers.get('cache-tag')).members]
}

/** The groups that a response to an unsafe method makes invalid (RFC 9875 §3). */
export function invalidatedGroups(headers: Headers, origin: string): readonly string[] {
  return (parseStrings(headers.get('cache-group-invalidation') ?? '') ?? []).map((group) => groupTag(origin, group))
}
