import type { Entry, TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Request } from '../session/session.ts'
import type { StoreContext } from './context.ts'
import { toStoredKey } from './found.ts'
import type { Versions } from './tags.ts'
import { freshByVersion, isUntouched, VERSION_MS } from './version-text.ts'

/** Tags of whoever reads an entry, by which it is not valid for everybody. */
export interface OtherTags {
  readonly names: readonly string[]
  /** Their versions, as they were read with the entry. */
  readonly versions: Versions
  /** Those of them that were read before the value began to be made; an empty version for a tag that had none. */
  readonly known: readonly TagVersion[]
  /** ms that the value took to be made, before it was written. */
  readonly took: number
}

/**
 * Until when an entry is fresh by tags of whoever reads it. Where the entry does not know such a tag, its age tells what came first: both
 * by Redis's clock, since the clocks of two processes may differ. One round trip then, and none otherwise.
 *
 * @param key the public one
 * @param request what bounds that round trip
 * @returns Infinity where nothing has happened since; epoch ms, not later than now, where a tag was expired; -Infinity where one was
 *   invalidated; or why nobody knows
 */
export async function freshByOtherTags(
  context: StoreContext,
  key: string,
  entry: Entry,
  { names, versions, known, took }: OtherTags,
  request: Request,
): Promise<number | CacheError> {
  const at = context.now()
  const knownOf = new Map(known)
  let until = Infinity
  const unknown: string[] = []
  for (const name of names) {
    const version = versions.get(name)
    const before = knownOf.get(name)
    // It was touched before the value was made, and is evicted now: nobody knows whether it was touched again.
    if (version === undefined && before !== undefined && before !== '' && !isUntouched(before)) return -Infinity
    // Nobody has touched it for 30 days, and no entry is older.
    if (version === undefined || isUntouched(version)) continue
    if (before === undefined) unknown.push(name)
    else until = Math.min(until, freshByVersion(before, version, at))
  }
  if (unknown.length === 0 || until === -Infinity) return until
  const byAge = await freshByAge(context, key, entry, { names: unknown, took }, request)
  return byAge instanceof CacheError ? byAge : Math.min(until, byAge)
}

async function freshByAge(
  context: StoreContext,
  key: string,
  entry: Entry,
  { names, took }: Pick<OtherTags, 'names' | 'took'>,
  request: Request,
): Promise<number | CacheError> {
  const { store, tags, now, options } = context
  const { expires, at } = entry
  if (expires === undefined || at === undefined) return -Infinity
  const entryAges: (number | CacheError)[] = []
  const ages: (number | CacheError)[] = []
  // Both in one pipeline: what passes between them would count.
  const reading = store.readMany(
    [toStoredKey(context, key)],
    'entry',
    { ...request, memory: false },
    { isPresenceOnly: true, onAge: (_, left) => entryAges.push(left) },
  )
  const texts = await store.readMany(names.map(tags().keyOf), 'version', request, { onAge: (index, left) => (ages[index] = left) })
  await reading
  const [entryLeft = -1] = entryAges
  if (entryLeft instanceof CacheError) return entryLeft
  if (entryLeft < 0) return -Infinity
  // It was written within the timeout after it was said how long it took.
  const entryAge = expires - at - entryLeft + took + options.timeout
  let until = Infinity
  for (const [index, text] of texts.entries()) {
    const left = ages[index] ?? -1
    if (text instanceof CacheError) return text
    if (left instanceof CacheError) return left
    if (text !== undefined && left >= 0 && VERSION_MS - left <= entryAge) until = Math.min(until, freshByVersion('', text, now()))
  }
  return until
}
