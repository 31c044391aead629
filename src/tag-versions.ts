import type { TagVersion } from './entry.ts'
import { CacheError } from './errors.ts'

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
