import { expandText, mapInTurn } from '../entry/compression.ts'
import { decodeEntry, type Entry, isStale, type TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Operation } from '../options/events.ts'
import { keyProblem } from '../entry/key-problem.ts'
import { byteLengthExceeds } from '../entry/limits.ts'
import { checkCall } from '../options/checks.ts'
import type { StoreContext } from './context.ts'
import { STALE } from './report.ts'
import { beginLong, type Request } from '../session/session.ts'
import type { Text } from './store.ts'
import type { Versions } from './tags.ts'
import type { CallOptions } from '../options/types.ts'

/** What one read came to: an entry (fresh, or stale and kept), none, or why there is no answer. */
export type Found = Entry | undefined | CacheError

const NO_BOUNDS: Request = {}

/** What becomes of an entry that was read. `versions` are those of the tags that were asked for and of the entry's own, as they were read. */
type Finish<Outcome> = (found: Found, startedAt: number, versions: Versions | undefined) => Outcome | Promise<Outcome>

/**
 * Reads one entry and makes an answer of it. The hot path: for a plain call of an entry without tags one promise and no more.
 *
 * @param context of a cache or an invocation
 * @param names tags whose versions are read in the same round trip
 */
export function readOne<Outcome>(
  context: StoreContext,
  operation: Operation,
  key: string,
  call: CallOptions | undefined,
  names: readonly string[] | undefined,
  finish: Finish<Outcome>,
): Promise<Outcome> {
  const { store, report, now, tags } = context
  const startedAt = now()
  let storedKey: string | CacheError
  try {
    storedKey = toStoredKey(context, key)
    if (call !== undefined) checkCall(call)
  } catch (error) {
    return rejected(error)
  }
  // Not awaited yet: it joins the batch.
  const asked = names === undefined || tags().areSeen(names) ? undefined : tags().read(names, call)
  const take = (text: Text): Outcome | Promise<Outcome> => {
    let found = toFound(context, text)
    // What this invocation has seen is told without a promise.
    const isCurrent = asked === undefined && isTagged(found) ? tags().areSeenCurrent(found.tags) : undefined
    if (isCurrent === false) found = undefined
    const isSettled = asked === undefined && (isCurrent !== undefined || !isTagged(found)) && !isCompressed(found)
    if (!isSettled) return settle(found, isCurrent !== undefined)
    report?.read(operation, [toOutcome(context, found)], startedAt)
    return finish(found, startedAt, undefined)
  }
  return storedKey instanceof CacheError ? refused(storedKey, take) : store.read(storedKey, 'entry', call, take)

  async function settle(read: Found, isJudged: boolean): Promise<Outcome> {
    let found = read
    let versions = asked === undefined ? undefined : await asked
    if (isTagged(found) && !isJudged) {
      versions = await versionsOf(context, [found], versions, rest(context, call, startedAt))
      found = judged(found, versions)
    }
    if (isCompressed(found)) found = await expand(context, found)
    report?.read(operation, [toOutcome(context, found)], startedAt)
    return finish(found, startedAt, versions instanceof CacheError ? undefined : versions)
  }
}

async function refused<Outcome>(failure: CacheError, take: (text: Text) => Outcome | Promise<Outcome>): Promise<Outcome> {
  return take(failure)
}

/** As an asynchronous function would: no operation throws at once. */
async function rejected(error: unknown): Promise<never> {
  throw error
}

/** Reads several entries in one round trip, and one more where there are tags to be looked at beside `names`. */
export async function readMany(
  context: StoreContext,
  operation: Operation,
  given: readonly string[],
  call: CallOptions | undefined,
  names?: readonly string[],
): Promise<{ readonly found: readonly Found[]; readonly versions: Versions | undefined }> {
  const { store, report, now, tags } = context
  const startedAt = now()
  if (!Array.isArray(given)) throw new TypeError('keys: expected an array of strings')
  if (call !== undefined) checkCall(call)
  const storedKeys = given.map((key: string) => toStoredKey(context, key))
  const asked = names === undefined ? undefined : tags().read(names, call)
  const read = (await store.readMany(storedKeys, 'entry', call)).map((text) => toFound(context, text))
  const tagged = read.filter(isTagged)
  const known = asked === undefined ? undefined : await asked
  const versions = tagged.length === 0 ? known : await versionsOf(context, tagged, known, rest(context, call, startedAt))
  const valid = tagged.length === 0 || versions === undefined ? read : read.map((one) => (isTagged(one) ? judged(one, versions) : one))
  const found = valid.some(isCompressed) ? await mapInTurn(valid, async (one) => (isCompressed(one) ? expand(context, one) : one)) : valid
  report?.read(
    operation,
    found.map((one) => toOutcome(context, one)),
    startedAt,
  )
  return { found, versions: versions instanceof CacheError ? undefined : versions }
}

/** Reads one entry by its stored key, and tells nobody. */
export async function peek(context: StoreContext, storedKey: string, request?: Request): Promise<Found> {
  const startedAt = context.now()
  const read = await context.store.read(storedKey, 'entry', request, (text) => toFound(context, text))
  const found = isTagged(read) ? judged(read, await versionsOf(context, [read], undefined, rest(context, request, startedAt))) : read
  return isCompressed(found) ? expand(context, found) : found
}

function toFound({ options, now }: StoreContext, text: Text): Found {
  const { serializer, valueBytes } = options
  if (typeof text !== 'string') return text
  if (byteLengthExceeds(text, valueBytes)) return new CacheError('oversize', `The entry is larger than limits.valueBytes (${valueBytes})`)
  const entry = decodeEntry(text, serializer)
  if (entry === undefined) return new CacheError('decode', 'What is stored under the key is not an entry')
  // Redis has dropped it by its own clock, as a rule; entries of other writers may carry `expires` alone.
  return entry.expires !== undefined && entry.expires <= now() ? undefined : entry
}

async function expand({ options }: StoreContext, entry: CompressedEntry): Promise<Found> {
  const text = await expandText(entry.value, options.valueBytes)
  if (text instanceof CacheError) return text
  const inner = decodeEntry(text, options.serializer)
  if (inner === undefined || isCompressed(inner)) return new CacheError('decode', 'What is stored under the key cannot be expanded')
  return { ...entry, value: inner.value }
}

/** The versions of all tags of the entries; those that are known are not asked for. */
async function versionsOf(
  { tags, session }: StoreContext,
  entries: readonly TaggedEntry[],
  known: Versions | CacheError | undefined,
  request: Request,
): Promise<Versions | CacheError> {
  if (known instanceof CacheError) return known
  const names = new Set(entries.flatMap((entry) => entry.tags.map(([tag]) => tag)))
  const unknown = [...names].filter((tag) => known?.has(tag) !== true)
  if (known !== undefined && unknown.length === 0) return known
  const { end } = beginLong(session())
  const more = await tags().read(unknown, { ...request, isBegun: true })
  end()
  return known === undefined || more instanceof CacheError ? more : new Map([...known, ...more])
}

/** What is left of an operation's time. */
function rest({ options, now }: StoreContext, call: Request | undefined, startedAt: number): Request {
  const elapsed = now() - startedAt
  if (elapsed <= 0) return call ?? NO_BOUNDS
  const left = (call?.timeout ?? options.timeout) - elapsed
  return { ...(call?.signal === undefined ? {} : { signal: call.signal }), timeout: Math.max(1, left) }
}

/** What a listener is told. */
function toOutcome({ now }: StoreContext, found: Found): unknown {
  return found === undefined || found instanceof CacheError || !isStale(found, now) ? found : STALE
}

/** The stored form of a public key. @throws TypeError where it is no key */
export function toStoredKey({ options }: StoreContext, key: string): string | CacheError {
  const { keys, keyBytes } = options
  const storedKey = keys.public(key)
  return keyProblem(storedKey, keyBytes, 'key') ?? storedKey
}

type TaggedEntry = Entry & { readonly tags: readonly TagVersion[] }

function isTagged(found: Found): found is TaggedEntry {
  return found !== undefined && !(found instanceof CacheError) && found.tags !== undefined
}

type CompressedEntry = Entry & { readonly value: string }

function isCompressed(found: Found): found is CompressedEntry {
  return found !== undefined && !(found instanceof CacheError) && found.zip !== undefined
}

/** An entry with a tag that was invalidated, or whose version is gone, is not there. Without an answer nobody knows. */
function judged(entry: TaggedEntry, versions: Versions | CacheError): Found {
  if (versions instanceof CacheError) return versions
  return entry.tags.every(([tag, version]) => versions.get(tag) === version) ? entry : undefined
}
