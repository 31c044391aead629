import { freshByTags } from './version-text.ts'
import type { TagVersion } from '../entry/entry.ts'

/** How many versions an invocation remembers, and for how long (ms): with outdated ones, what it stores would be invalid at once. */
const MAX_KNOWN = 10_000
const KNOWN_MS = 30_000

/** The versions that an invocation has seen: they hold until its end, or until it makes one invalid. */
export interface SeenVersions {
  get(tag: string): string | undefined
  /** Epoch ms: versions that are told may have been seen then. */
  since(): number
  /** Whether all of them were seen. */
  hasAll(tags: readonly string[]): boolean
  /** {@link freshByTags} by what was seen; undefined where that does not tell. */
  freshBy(versions: readonly TagVersion[]): number | undefined
  /** Before something is read: what is too old is forgotten. What is handed to the result is remembered, unless something was made invalid since. */
  begin(): (tag: string, version: string) => void
  /** These are invalid now. */
  drop(tags: readonly string[]): void
  /** All of them may be. */
  clear(): void
}

/** @param now epoch ms */
export function createSeenVersions(now: () => number): SeenVersions {
  const seen = new Map<string, string>()
  /** Counts invalidations: a read that began before one must not be remembered. */
  let drops = 0
  let since = now()

  function forgetOld(): void {
    const elapsed = now() - since
    // A clock that was set back must not stretch it.
    if (elapsed >= 0 && elapsed <= KNOWN_MS) return
    seen.clear()
    since = now()
  }

  function hasAll(tags: readonly string[]): boolean {
    if (seen.size === 0) return false
    for (const tag of tags) if (!seen.has(tag)) return false
    return true
  }

  return {
    get: (tag) => seen.get(tag),
    since: () => since,
    hasAll,
    freshBy(stored) {
      if (seen.size === 0) return undefined
      forgetOld()
      return stored.every(([tag]) => seen.has(tag)) ? freshByTags(stored, (tag) => seen.get(tag), now()) : undefined
    },
    begin() {
      forgetOld()
      const begun = drops
      return (tag, version) => {
        if (begun !== drops) return
        if (seen.size >= MAX_KNOWN) seen.clear()
        seen.set(tag, version)
      }
    },
    drop(tags) {
      drops += 1
      for (const tag of tags) seen.delete(tag)
    },
    clear() {
      drops += 1
      seen.clear()
    },
  }
}
