import type { TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { keyProblem } from '../entry/key-problem.ts'
import type { EntryOptions } from '../entry/entry-options.ts'
import type { Request } from '../session/session.ts'
import type { Changed, ReadManyOptions, Store, Text } from './store.ts'

/** Versions that are gone make entries invalid, so that they may end, and entries with tags end with them. 30 days. */
export const VERSION_MS = 2_592_000_000
/** An invalidation has to be older (ms) than a load by so much for the load to count as begun after it: clocks are coarse. */
const LATE_MARGIN = 20
/** A long invocation must not remember tags without end, nor (ms) for ever: what it stores would be invalid as soon as it is stored. */
const MAX_KNOWN = 10_000
const KNOWN_MS = 30_000
/** What a version begins with: made because there was none, or by an invalidation. */
const MADE = 'n'
const INVALIDATED = 'i'

/** The versions of tags, as Redis has them now; undefined for a tag without one. */
export type Versions = ReadonlyMap<string, string | undefined>

/**
 * Tags of one cache or invocation. Each tag has a version in Redis: an opaque text, which entries are stored under. An
 * invalidation replaces it. No clocks are compared, so that skew between isolates cannot bring a value back.
 */
export interface Tags {
  /** The stored key of a tag's version. */
  keyOf(tag: string): string
  /** Epoch ms: versions that are told may have been seen then. Infinity where each is asked for. */
  seenSince(): number
  /** Why the first of them that cannot be a tag is none: a tag is stored as a key. */
  refusal(tags: readonly string[]): CacheError | undefined
  /** The versions now, none for what cannot be a tag; one round trip for those that this invocation has not seen, none where it has seen all. */
  read(tags: readonly string[], request?: Request): Promise<Versions | CacheError>
  /** Whether this invocation has seen all of them. */
  areSeen(tags: readonly string[]): boolean
  /** `areCurrent` by what this invocation has seen, at once; undefined where that does not tell. */
  areSeenCurrent(versions: readonly TagVersion[]): boolean | undefined
  /** Whether all tags still have the versions that an entry was stored under. @param known versions just read */
  areCurrent(versions: readonly TagVersion[], request?: Request, known?: Versions): Promise<boolean | CacheError>
  /**
   * The versions to store an entry under, to be taken before its value is read from where it comes from; a tag without one gets
   * one. One round trip, none where `known` holds all of them.
   */
  take(tags: readonly string[], request?: Request, known?: Versions): Promise<readonly TagVersion[] | CacheError>
  /**
   * The same, for tags that became known only with the value. One round trip.
   *
   * @param beganAt epoch ms, before the value was read
   * @param known versions that were read before that
   * @returns undefined where one of them may have been invalidated since: the value must not be stored
   */
  takeLate(tags: readonly string[], beganAt: number, known?: Versions, request?: Request): Promise<readonly TagVersion[] | undefined | CacheError>
  /** Makes every entry with one of the tags invalid. One command a tag. @returns by position: true, or why not */
  drop(tags: readonly string[], request?: Request): Promise<readonly Changed[]>
  /** The versions may be gone, so that what this invocation has seen of them holds no longer. */
  forget(): void
}

/** @param isRemembered versions hold for the rest of the invocation once they are seen */
export function createTags(store: Store, { keys, keyBytes }: EntryOptions, isRemembered: boolean, now: () => number): Tags {
  const seen = isRemembered ? new Map<string, string>() : undefined
  /** A read that began before an invalidation of our own must not be remembered. */
  let drops = 0
  let seenSince = now()
  const keyOf = (tag: string): string => keys.reserved('tag', tag)

  function refusal(tags: readonly string[]): CacheError | undefined {
    for (const tag of tags) {
      const problem = keyProblem(keyOf(tag), keyBytes, 'tag')
      if (problem !== undefined) return problem
    }
    return undefined
  }

  function remember(tag: string, version: string): void {
    if (seen === undefined) return
    if (seen.size >= MAX_KNOWN) seen.clear()
    seen.set(tag, version)
  }

  async function read(tags: readonly string[], request?: Request): Promise<Versions | CacheError> {
    const versions = new Map<string, string | undefined>()
    forgetOld()
    for (const tag of tags) versions.set(tag, seen?.get(tag))
    const unseen = [...versions.keys()].filter((tag) => versions.get(tag) === undefined && refusal([tag]) === undefined)
    if (unseen.length === 0) return versions
    const begun = drops
    const texts = await store.readMany(unseen.map(keyOf), 'version', request)
    for (const [index, tag] of unseen.entries()) {
      const version = texts[index]
      if (version instanceof CacheError) return version
      versions.set(tag, version)
      if (version !== undefined && begun === drops) remember(tag, version)
    }
    return versions
  }

  function forgetOld(): void {
    if (seen === undefined) return
    const elapsed = now() - seenSince
    // A clock that was set back must not stretch it.
    if (elapsed >= 0 && elapsed <= KNOWN_MS) return
    seen.clear()
    seenSince = now()
  }

  function areSeen(tags: readonly string[]): boolean {
    if (seen === undefined || seen.size === 0) return false
    for (const tag of tags) if (!seen.has(tag)) return false
    return true
  }

  function areSeenCurrent(stored: readonly TagVersion[]): boolean | undefined {
    if (seen === undefined || seen.size === 0) return undefined
    forgetOld()
    let areCurrent = true
    for (const [tag, version] of stored) {
      const current = seen.get(tag)
      if (current === undefined) return undefined
      if (current !== version) areCurrent = false
    }
    return areCurrent
  }

  async function areCurrent(stored: readonly TagVersion[], request?: Request, known?: Versions): Promise<boolean | CacheError> {
    const isKnown = known !== undefined && stored.every(([tag]) => known.has(tag))
    const versions = isKnown
      ? known
      : await read(
          stored.map(([tag]) => tag),
          request,
        )
    return versions instanceof CacheError ? versions : stored.every(([tag, version]) => versions.get(tag) === version)
  }

  async function take(tags: readonly string[], request?: Request, known?: Versions): Promise<readonly TagVersion[] | CacheError> {
    const problem = refusal(tags)
    if (problem !== undefined) return problem
    const missing = tags.filter((tag) => known?.get(tag) === undefined)
    const begun = drops
    const texts = await made(missing.map(keyOf), request)
    const taken = new Map<string, string>()
    for (const [index, tag] of missing.entries()) {
      const version = texts[index]
      if (version instanceof CacheError) return version
      if (version === undefined) return new CacheError('reply', 'The version of a tag was gone as soon as it was made')
      taken.set(tag, version)
      if (begun === drops) remember(tag, version)
    }
    return tags.map((tag) => [tag, known?.get(tag) ?? taken.get(tag) ?? ''])
  }

  /** What they have now, in one round trip; those that have none get one. */
  async function made(keys: readonly string[], request?: Request, onAge?: ReadManyOptions['onAge']): Promise<readonly Text[]> {
    const versions = keys.map((key) => ({ key, text: MADE + crypto.randomUUID(), ttl: VERSION_MS, ifAbsent: true }))
    const writing = store.write(versions, 'version', request)
    const reading = store.readMany(keys, 'version', request, onAge === undefined ? {} : { onAge })
    await writing
    return reading
  }

  async function takeLate(
    tags: readonly string[],
    beganAt: number,
    known?: Versions,
    request?: Request,
  ): Promise<readonly TagVersion[] | undefined | CacheError> {
    const problem = refusal(tags)
    if (problem !== undefined) return problem
    const ages: (number | CacheError)[] = []
    const texts = await made(tags.map(keyOf), request, (index, age) => (ages[index] = age))
    // Where the clock was set back nobody knows how long it took.
    const elapsed = now() < beganAt ? Infinity : now() - beganAt
    const versions: TagVersion[] = []
    for (const [index, tag] of tags.entries()) {
      const version = texts[index]
      if (version instanceof CacheError) return version
      const left = ages[index] ?? -1
      if (left instanceof CacheError) return left
      // An invalidation leaves a version of its own; its age is told by Redis's clock, how long the load took by ours.
      const isOlder = version?.startsWith(MADE) === true || left < 0 || VERSION_MS - left > elapsed + LATE_MARGIN
      if (version === undefined || !(isOlder || known?.get(tag) === version)) return undefined
      versions.push([tag, version])
    }
    return versions
  }

  async function drop(tags: readonly string[], request?: Request): Promise<readonly Changed[]> {
    drops += 1
    for (const tag of tags) seen?.delete(tag)
    const outcomes = await store.write(
      tags.map((tag) => refusal([tag]) ?? { key: keyOf(tag), text: INVALIDATED + crypto.randomUUID(), ttl: VERSION_MS }),
      'version',
      request,
    )
    drops += 1
    for (const tag of tags) seen?.delete(tag)
    return outcomes
  }

  function forget(): void {
    drops += 1
    seen?.clear()
  }

  return {
    keyOf,
    seenSince: () => (seen === undefined ? Infinity : seenSince),
    refusal,
    read,
    areSeen,
    areSeenCurrent,
    areCurrent,
    take,
    takeLate,
    drop,
    forget,
  }
}
