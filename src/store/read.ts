import { expandText, mapInTurn, type Overdue, overdueAfter } from '../entry/compression.ts'
import { decodeEntry, type Entry, freshUntil, isStale, type TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Operation } from '../options/events.ts'
import { byteLengthExceeds, keyProblem, tooLarge } from '../entry/limits.ts'
import { checkRead } from '../options/checks.ts'
import type { StoreContext } from './context.ts'
import { isSilence } from './copies/copying-store.ts'
import type { Origin } from './copies/origin.ts'
import { STALE } from './report.ts'
import { beginLong, type Request } from '../session/session.ts'
import type { Take, Text } from './store.ts'
import type { Versions } from './tags.ts'
import type { ReadOptions } from '../options/types.ts'
import { freshByTags } from './version-text.ts'

/** What a read found: an entry (fresh, or stale and still kept), undefined for none, or the reason why there is no answer. */
export type Found = Entry | undefined | CacheError

const NO_BOUNDS: Request = {}
const NONE: readonly TaggedEntry[] = []

/**
 * What becomes of an entry that was read. `versions` are those of the tags that were asked for and of the entry's own, as they were
 * read; `origin` is there where copies are kept, and says whether one answers.
 */
type Finish<Outcome> = (found: Found, startedAt: number, versions: Versions | undefined, origin: Origin | undefined) => Outcome | Promise<Outcome>

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
  call: ReadOptions | undefined,
  names: readonly string[] | undefined,
  finish: Finish<Outcome>,
): Promise<Outcome> {
  const { store, report, now, tags } = context
  const startedAt = now()
  let storedKey: string | CacheError
  try {
    storedKey = toStoredKey(context, key)
    if (call !== undefined) checkRead(call)
  } catch (error) {
    return rejected(error)
  }
  // Not awaited yet: it joins the batch. Copies answer without versions.
  const asks = names !== undefined && !(typeof storedKey === 'string' && isCopied(context, storedKey, call)) && !tags().areSeen(names)
  const asked = asks ? tags().read(names, call) : undefined
  const take: Take<Outcome> = (text, origin, at) => {
    let found = toFound(context, text, origin, at)
    if (origin?.copy !== undefined) {
      if (isCompressed(found) || asked !== undefined) return settle(found, true, origin)
      report?.read(operation, [toOutcome(context, found)], startedAt, [origin])
      return finish(found, startedAt, undefined, origin)
    }
    // Versions that this invocation has seen need no round trip, and no promise.
    const until = asked === undefined && isTagged(found) ? tags().freshBySeen(found.tags) : undefined
    if (until !== undefined && isTagged(found)) found = freshUntilThen(found, until)
    const isSettled = asked === undefined && (until !== undefined || !isTagged(found)) && !isCompressed(found)
    if (!isSettled) return settle(found, until !== undefined, origin)
    if (origin !== undefined) keep(context, found, origin)
    report?.read(operation, [toOutcome(context, found)], startedAt)
    return finish(found, startedAt, undefined, origin)
  }
  return storedKey instanceof CacheError ? refused(storedKey, take) : store.read(storedKey, 'entry', call, take)

  async function settle(read: Found, isJudged: boolean, from: Origin | undefined): Promise<Outcome> {
    let found = read
    let origin = from
    let versions = asked === undefined ? undefined : await asked
    if (isTagged(found) && !isJudged) {
      versions = await versionsOf(context, [found], versions, rest(context, call, startedAt))
      const known = judged(context, found, versions)
      const standsIn = known instanceof CacheError ? standInFor(known, origin) : undefined
      found = standsIn === undefined ? known : asKept(found, standsIn)
      if (standsIn !== undefined) origin = standsIn
    }
    if (origin?.copy === undefined && origin !== undefined) keep(context, found, origin)
    if (isCompressed(found)) found = await expandFrom(context, found, origin, overdueOf(context, call, startedAt))
    report?.read(operation, [toOutcome(context, found)], startedAt, origin && [origin])
    return finish(found, startedAt, versions instanceof CacheError ? undefined : versions, origin)
  }
}

/** Whether a copy answers without Redis. */
function isCopied({ copies }: StoreContext, storedKey: string, call: ReadOptions | undefined): boolean {
  return copies !== undefined && call?.memory !== false && copies.fresh(storedKey) !== undefined
}

/** Keeps what Redis has answered and is known to be valid; anything else is not kept. */
function keep({ tags }: StoreContext, found: Found, origin: Origin): void {
  if (found === undefined || found instanceof CacheError) return origin.keep(undefined)
  if (found.tags === undefined) return origin.keep({ freshUntil: freshUntil(found), until: found.expires })
  const { keyOf, seenSince } = tags()
  origin.keep({ freshUntil: freshUntil(found), until: found.expires, on: found.tags.map(([tag]) => keyOf(tag)) }, seenSince())
}

/** The entry's versions are not known: what is kept of the entry stands in, if it is the same one. */
function standInFor(failure: CacheError, origin: Origin | undefined): Origin | undefined {
  return isSilence(failure) ? origin?.standIn(failure) : undefined
}

/** Expanded, and kept so where copies are shared. */
async function expandFrom(context: StoreContext, found: CompressedEntry, origin: Origin | undefined, overdue: Overdue): Promise<Found> {
  const expanded = await expand(context, found, overdue)
  const copy = origin?.copy
  if (copy !== undefined && context.options.memory?.share === true && !(expanded instanceof CacheError)) copy.decoded = expanded
  return expanded
}

async function refused<Outcome>(failure: CacheError, take: Take<Outcome>): Promise<Outcome> {
  return take(failure)
}

/** As an asynchronous function would: no operation throws at once. */
export async function rejected(error: unknown): Promise<never> {
  throw error
}

/** Several entries that were read, by position. */
export interface FoundMany {
  readonly found: readonly Found[]
  /** What was stored, before anything was made of it. */
  readonly texts: readonly Text[]
  readonly versions: Versions | undefined
  /** Where each comes from, where copies are kept. */
  readonly origins: readonly (Origin | undefined)[]
}

/** Reads several entries in one round trip. Where entries have tags that are not among `names`, one more reads their versions. */
export async function readMany(
  context: StoreContext,
  operation: Operation,
  given: readonly string[],
  call: ReadOptions | undefined,
  names?: readonly string[],
): Promise<FoundMany> {
  const { store, report, now, tags, copies } = context
  const startedAt = now()
  if (!Array.isArray(given)) throw new TypeError('keys: expected an array of strings')
  if (call !== undefined) checkRead(call)
  const storedKeys = given.map((key: string) => toStoredKey(context, key))
  const asks = names !== undefined && !storedKeys.every((key) => typeof key === 'string' && isCopied(context, key, call))
  const asked = asks ? tags().read(names, call) : undefined
  const origins: (Origin | undefined)[] = []
  const options = copies === undefined ? {} : { onOrigin: (index: number, origin: Origin): void => void (origins[index] = origin) }
  const texts = await store.readMany(storedKeys, 'entry', call, options)
  const readAt = now()
  const read = texts.map((text, index) => toFound(context, text, origins[index], readAt))
  const tagged = read.some(isTagged) ? read.filter((one, index): one is TaggedEntry => isTagged(one) && origins[index]?.copy === undefined) : NONE
  const known = asked === undefined ? undefined : await asked
  const versions = tagged.length === 0 ? known : await versionsOf(context, tagged, known, rest(context, call, startedAt))
  const valid =
    tagged.length === 0 || versions === undefined
      ? read
      : read.map((one, index) => (isTagged(one) ? judgedFrom(context, one, versions, origins, index) : one))
  for (const [index, origin] of origins.entries()) if (origin?.copy === undefined && origin !== undefined) keep(context, valid[index], origin)
  const found = valid.some(isCompressed) ? await expandAll(context, valid, origins, overdueOf(context, call, startedAt)) : valid
  report?.read(
    operation,
    found.map((one) => toOutcome(context, one)),
    startedAt,
    origins,
  )
  return { found, texts, versions: versions instanceof CacheError ? undefined : versions, origins }
}

/** Copies are valid; where the versions of another are not known, one may stand in, and its origin is put in the place. */
function judgedFrom(context: StoreContext, one: TaggedEntry, versions: Versions | CacheError, origins: (Origin | undefined)[], index: number): Found {
  if (origins[index]?.copy !== undefined) return one
  const found = judged(context, one, versions)
  const standsIn = found instanceof CacheError ? standInFor(found, origins[index]) : undefined
  if (standsIn === undefined) return found
  origins[index] = standsIn
  return asKept(one, standsIn)
}

/** Asks Redis for one entry by its stored key, and tells nobody. */
export async function peek(context: StoreContext, storedKey: string, request?: Request): Promise<Found> {
  const startedAt = context.now()
  let origin: Origin | undefined
  const text = await context.store.read(storedKey, 'entry', { ...request, memory: false }, (read, from) => {
    origin = from
    return read
  })
  const found = await judgeStored(context, text, request, startedAt)
  if (origin !== undefined) keep(context, found, origin)
  return isCompressed(found) ? expand(context, found, overdueOf(context, request, startedAt)) : found
}

/**
 * What a stored text is worth, with its value as it was: one round trip more where it has tags.
 *
 * @param startedAt epoch ms, when the operation began
 */
export async function judge(context: StoreContext, text: Text, request: Request | undefined, startedAt: number): Promise<Found> {
  const found = await judgeStored(context, text, request, startedAt)
  return isCompressed(found) ? expand(context, found, overdueOf(context, request, startedAt)) : found
}

/** As {@link judge}; a compressed value stays so. */
export async function judgeStored(context: StoreContext, text: Text, request: Request | undefined, startedAt: number): Promise<Found> {
  const read = toFound(context, text)
  return isTagged(read) ? judged(context, read, await versionsOf(context, [read], undefined, rest(context, request, startedAt))) : read
}

/** A copy of what was stale by its tags is stale, whatever its text says. */
function asKept(found: Found, origin: Origin | undefined): Found {
  const until = origin?.copy?.freshUntil
  if (until === undefined || found === undefined || found instanceof CacheError) return found
  return until < (freshUntil(found) ?? Infinity) ? { ...found, fresh: until } : found
}

function toFound(context: StoreContext, text: Text, origin?: Origin, at = context.now()): Found {
  const { serializer, valueBytes, memory } = context.options
  if (typeof text !== 'string') return text
  const copy = memory?.share === true ? origin?.copy : undefined
  if (copy?.decoded !== undefined) return copy.decoded as Entry
  if (byteLengthExceeds(text, valueBytes)) return tooLarge(valueBytes)
  const entry = decodeEntry(text, serializer)
  if (entry === undefined) return new CacheError('decode', 'What is stored under the key is not an entry')
  // Redis removes what has expired. Other writers may set `expires` and no expiry in Redis.
  if (entry.expires !== undefined && entry.expires <= at) return undefined
  const kept = asKept(entry, origin)
  if (copy !== undefined && entry.zip === undefined) copy.decoded = kept
  return kept
}

async function expandAll(
  context: StoreContext,
  entries: readonly Found[],
  origins: readonly (Origin | undefined)[],
  overdue: Overdue,
): Promise<readonly Found[]> {
  return mapInTurn(entries, async (one, index) => (isCompressed(one) ? expandFrom(context, one, origins[index], overdue) : one))
}

async function expand({ options }: StoreContext, entry: CompressedEntry, overdue: Overdue): Promise<Found> {
  const text = await expandText(entry.value, options.valueBytes, overdue)
  if (text instanceof CacheError) return text
  const inner = decodeEntry(text, options.serializer)
  if (inner === undefined || isCompressed(inner)) return new CacheError('decode', 'What is stored under the key cannot be expanded')
  return { ...entry, value: inner.value }
}

/** The versions of all tags of the entries. Reads those that are not known yet. */
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

/** Expanding counts against the same time. */
function overdueOf(context: StoreContext, call: Request | undefined, startedAt: number): Overdue {
  const { timeout, signal } = rest(context, call, startedAt)
  return overdueAfter(timeout ?? context.options.timeout, signal)
}

/** For the event. */
export function toOutcome({ now }: StoreContext, found: Found): unknown {
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

/** @returns undefined where a tag was invalidated or its version is gone, stale where one was expired; the error where the versions could not be read */
function judged({ now }: StoreContext, entry: TaggedEntry, versions: Versions | CacheError): Found {
  if (versions instanceof CacheError) return versions
  return freshUntilThen(
    entry,
    freshByTags(entry.tags, (tag) => versions.get(tag), now()),
  )
}

/** @param until as `freshByTags` says */
function freshUntilThen(entry: TaggedEntry, until: number): TaggedEntry | undefined {
  if (until === Infinity) return entry
  return until === -Infinity ? undefined : { ...entry, fresh: Math.min(entry.fresh ?? until, until) }
}
