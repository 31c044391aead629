import type { TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Request } from '../session/session.ts'
import type { Tags, Versions } from './tags.ts'

/**
 * Takes versions for many entries at once. A tag that is none fails the entries that name it, and no other.
 *
 * @param lists the tags of each
 * @returns the versions of an entry's own tags
 */
export async function takeForEach(
  tags: Tags,
  lists: readonly (readonly string[])[],
  request?: Request,
  known?: Versions,
): Promise<(names: readonly string[]) => readonly TagVersion[] | CacheError> {
  const names = [...new Set(lists.flat())].filter((name) => tags.refusal([name]) === undefined)
  const versionsOf = dealVersions(await tags.take(names, request, known))
  return (own) => tags.refusal(own) ?? versionsOf(own)
}

/**
 * Hands out versions that were taken for many entries at once. By name: looking through all of them for each entry would cost
 * the square of their number.
 *
 * @param taken the versions, or why there are none
 * @returns the versions of an entry's own tags
 */
export function dealVersions(taken: readonly TagVersion[] | CacheError): (names: readonly string[]) => readonly TagVersion[] | CacheError {
  if (taken instanceof CacheError) return () => taken
  const byName = new Map(taken.map((version) => [version[0], version]))
  return (names) => {
    if (names.length === 0) return []
    return [...new Set(names)].flatMap((name) => {
      const version = byName.get(name)
      return version === undefined ? [] : [version]
    })
  }
}
