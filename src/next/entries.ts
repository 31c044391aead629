import type { CacheOperations } from '../facade/operations.ts'
import { internalsOf } from '../facade/internals.ts'
import { CacheError } from '../errors.ts'
import { isStale, type TagVersion } from '../entry/entry.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'
import { freshByOtherTags } from '../store/other-tags.ts'
import { type Found, freshUntilThen } from '../store/found.ts'
import { readOne } from '../store/read.ts'
import type { Versions } from '../store/tags.ts'
import { writeLate } from '../store/write-late.ts'
import { type Beginning, createBeginnings, instant } from './began.ts'
import { createInvalidations, type Invalidations } from './invalidations.ts'
import { shortKey } from './short-key.ts'

/** An entry that was found. */
interface FoundEntry {
  readonly value: object
  /** A tag of it was expired: it may be served once more, and is to be made anew. */
  readonly isStale: boolean
}

/** What is to be stored. */
interface NewEntry {
  /** With what tells how long it took to be made: see {@link Entries.read}. */
  readonly value: object
  readonly tags: readonly string[]
  /** ms; undefined: as long as anything is kept. */
  readonly keepFor: number | undefined
  /** By {@link instant}, before it began to be made; undefined: when its key was last asked for and nothing fresh was there. */
  readonly beganAt?: number
}

/** Entries with tags of their own, that are read under tags of whoever reads them too. */
export interface Entries extends Pick<Invalidations, 'revalidate'> {
  /**
   * @param softTags of who reads it
   * @param isFresh whether it need not be made anew
   * @returns undefined where there is none, or no answer
   */
  read(key: string, softTags: readonly string[], isFresh: (value: object) => boolean): Promise<FoundEntry | undefined>
  /** What may have been invalidated since it began to be made is not stored. */
  write(key: string, entry: NewEntry): Promise<void>
}

/** ms; for who stores what nobody asked for: so long may it have taken. */
const UNASKED = 10_000

/** @param longest ms that anything is kept */
export function createEntries(cache: CacheOperations, longest: number): Entries {
  const inside = internalsOf(cache)
  const { options, copies, now } = inside
  const beginnings = createBeginnings()
  const invalidations = createInvalidations(cache)

  async function read(given: string, softTags: readonly string[], isFresh: (value: object) => boolean): Promise<FoundEntry | undefined> {
    const key = await shortKey(given)
    const elapsed = startClock(now)
    if (!(await invalidations.areTold())) return undefined
    const timeout = Math.ceil(timeLeft(options.timeout, elapsed()))
    if (timeout === 0) return undefined
    const at = instant()
    const since = copies?.ticket()
    // A copy knows nothing of the tags of who reads it, but for those that this process has touched.
    const isTouched = options.memory !== undefined && invalidations.touched(softTags, options.memory.ttl)
    // Without a bound of its own where it has all of the time, as it has but for what is told after an outage: that is cheaper.
    const call = isTouched || timeout < options.timeout ? { memory: !isTouched, timeout } : undefined
    const names = softTags.length === 0 ? undefined : softTags
    return readOne(inside, 'get', key, call, names, async (found, _startedAt, versions, origin) => {
      const entry = origin?.copy === undefined && names !== undefined ? await judged(key, found, names, versions, elapsed) : found
      const read = entryOf(entry)
      beginnings.note(key, { at, names: softTags, versions, since }, read !== undefined && !read.isStale && isFresh(read.value))
      return read
    })
  }

  async function judged(key: string, found: Found, names: readonly string[], versions: Versions | undefined, elapsed: () => number): Promise<Found> {
    if (found === undefined || found instanceof CacheError || versions === undefined) return undefined
    const own = new Set(found.tags?.map(([tag]) => tag))
    const others = names.filter((name) => !own.has(name))
    const left = { timeout: timeLeft(options.timeout, elapsed()) }
    const until = await freshByOtherTags(inside, key, found, { names: others, versions, ...historyOf(found.value) }, left)
    return until instanceof CacheError ? undefined : freshUntilThen(found, until)
  }

  function entryOf(found: Found): FoundEntry | undefined {
    if (found === undefined || found instanceof CacheError || typeof found.value !== 'object' || found.value === null) return undefined
    return { value: found.value, isStale: isStale(found, now) }
  }

  async function write(given: string, { value, tags, keepFor = longest, beganAt }: NewEntry): Promise<void> {
    const key = await shortKey(given)
    const noted = beginnings.take(key)
    const from = beganAt ?? noted?.at ?? instant() - UNASKED
    // Versions that were read after it began tell nothing of what it was made from.
    const isBefore = noted !== undefined && noted.at <= from
    const known = isBefore ? knownOf(noted) : []
    const elapsed = Math.max(0, instant() - from)
    await writeLate(inside, {
      key,
      valueAfter: (took): object => ({ ...value, took, ...(known.length === 0 ? {} : { known }) }),
      keepFor: Math.max(1, Math.min(Math.ceil(keepFor), longest)),
      tags: tags.filter((tag) => tag !== ''),
      beganAt: now() - elapsed,
      known: isBefore ? noted.versions : undefined,
      since: isBefore ? noted.since : undefined,
    })
  }

  return { read, write, revalidate: invalidations.revalidate }
}

/** What an entry was made under, beside its own tags. */
function knownOf({ names, versions }: Beginning): readonly TagVersion[] {
  return versions === undefined ? [] : names.map((name) => [name, versions.get(name) ?? ''])
}

function historyOf(value: unknown): { readonly took: number; readonly known: readonly TagVersion[] } {
  const { took, known } = value as { readonly took?: unknown; readonly known?: unknown }
  return { took: typeof took === 'number' ? took : 0, known: Array.isArray(known) ? (known as TagVersion[]) : [] }
}
