import type { TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { keyProblem } from '../entry/limits.ts'
import type { EntryOptions } from '../entry/entry-options.ts'
import type { Request } from '../session/session.ts'
import { createSeenVersions } from './seen-versions.ts'
import type { Change, Changed, ReadManyOptions, Store, Text } from './store.ts'
import { expiry, invalidation, isUntouched, madeVersion, outcomeOf, VERSION_MS } from './version-text.ts'

/** ms. An invalidation less than this before a load began counts as during the load: clocks are coarse. */
const LATE_MARGIN = 20
/** Versions by tag; undefined for a tag that has none in Redis. */
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
  /** The error for the first that cannot be used as a tag, such as one that is too long for a key. */
  refusal(tags: readonly string[]): CacheError | undefined
  /** Reads versions. One round trip for those that this invocation has not seen; none where it has seen all. */
  read(tags: readonly string[], request?: Request): Promise<Versions | CacheError>
  /** Whether this invocation has seen all of them. */
  areSeen(tags: readonly string[]): boolean
  /** `freshByTags` by what this invocation has seen, at once; undefined where that does not tell. */
  freshBySeen(versions: readonly TagVersion[]): number | undefined
  /** Whether all tags still have the versions that an entry was stored with. @param known versions just read */
  areCurrent(versions: readonly TagVersion[], request?: Request, known?: Versions): Promise<boolean | CacheError>
  /**
   * The versions to store an entry with. To be called before the value is loaded. A tag without a version gets one. One round trip,
   * none where `known` holds all of them.
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
  /**
   * Makes every entry with one of the tags stale. Three commands a tag, in one round trip.
   *
   * @param staleFor ms, after which they are gone; undefined: when their own windows end
   * @returns by position: true, or why not
   */
  expire(tags: readonly string[], request?: Request, staleFor?: number): Promise<readonly Changed[]>
  /** The versions may be gone, so that what this invocation has seen of them holds no longer. */
  forget(): void
}

/** @param isRemembered versions hold for the rest of the invocation once they are seen */
export function createTags(store: Store, { keys, keyBytes }: EntryOptions, isRemembered: boolean, now: () => number): Tags {
  const seen = isRemembered ? createSeenVersions(now) : undefined
  const keyOf = (tag: string): string => keys.reserved('tag', tag)

  function refusal(tags: readonly string[]): CacheError | undefined {
    for (const tag of tags) {
      const problem = keyProblem(keyOf(tag), keyBytes, 'tag')
      if (problem !== undefined) return problem
    }
    return undefined
  }

  async function read(tags: readonly string[], request?: Request): Promise<Versions | CacheError> {
    const versions = new Map<string, string | undefined>()
    const remember = seen?.begin()
    for (const tag of tags) versions.set(tag, seen?.get(tag))
    const unseen = [...versions.keys()].filter((tag) => versions.get(tag) === undefined && refusal([tag]) === undefined)
    if (unseen.length === 0) return versions
    const texts = await store.readMany(unseen.map(keyOf), 'version', request)
    for (const [index, tag] of unseen.entries()) {
      const version = texts[index]
      if (version instanceof CacheError) return version
      versions.set(tag, version)
      if (version !== undefined) remember?.(tag, version)
    }
    return versions
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
    const remember = seen?.begin()
    const texts = await made(missing.map(keyOf), request)
    const taken = new Map<string, string>()
    for (const [index, tag] of missing.entries()) {
      const version = texts[index]
      if (version instanceof CacheError) return version
      if (version === undefined) return new CacheError('reply', 'The version of a tag was gone as soon as it was made')
      taken.set(tag, version)
      remember?.(tag, version)
    }
    return tags.map((tag) => [tag, known?.get(tag) ?? taken.get(tag) ?? ''])
  }

  /** Reads versions, and makes those that are missing, in one round trip. */
  async function made(keys: readonly string[], request?: Request, onAge?: ReadManyOptions['onAge']): Promise<readonly Text[]> {
    const writing = store.write(keys.map(madeVersion), 'version', request)
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
      // Was it invalidated or expired before the load began? Its age is measured by Redis's clock, the load by ours: durations, no instants.
      const isOlder = (version !== undefined && isUntouched(version)) || left < 0 || VERSION_MS - left > elapsed + LATE_MARGIN
      if (version === undefined || !(isOlder || known?.get(tag) === version)) return undefined
      versions.push([tag, version])
    }
    return versions
  }

  function drop(tags: readonly string[], request?: Request): Promise<readonly Changed[]> {
    return change(tags, (key) => [invalidation(key)], request)
  }

  function expire(tags: readonly string[], request?: Request, staleFor?: number): Promise<readonly Changed[]> {
    const at = now()
    return change(tags, (key) => expiry(key, at, staleFor), request)
  }

  async function change(tags: readonly string[], changesOf: (key: string) => readonly Change[], request?: Request): Promise<readonly Changed[]> {
    seen?.drop(tags)
    const changes = tags.map((tag) => {
      const problem = refusal([tag])
      return problem === undefined ? changesOf(keyOf(tag)) : [problem]
    })
    const outcomes = await store.write(changes.flat(), 'version', request)
    seen?.drop(tags)
    let next = 0
    return changes.map((own) => outcomeOf(outcomes.slice(next, (next += own.length))))
  }

  return {
    keyOf,
    seenSince: () => seen?.since() ?? Infinity,
    refusal,
    read,
    areSeen: (own) => seen?.hasAll(own) === true,
    freshBySeen: (stored) => seen?.freshBy(stored),
    areCurrent,
    take,
    takeLate,
    drop,
    expire,
    forget: () => seen?.clear(),
  }
}
