import { expandText, mapInTurn, type Overdue, overdueAfter } from '../entry/compression.ts'
import { decodeEntry, freshUntil } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { timeLeft } from '../policy/elapsed.ts'
import type { StoreContext } from './context.ts'
import { isSilence } from './copies/copying-store.ts'
import type { Origin } from './copies/origin.ts'
import { beginLong, type Request } from '../session/session.ts'
import type { Text } from './store.ts'
import type { Versions } from './tags.ts'
import { freshByTags } from './version-text.ts'
import { type Found, type TaggedEntry, type CompressedEntry, isTagged, isCompressed, toFound, freshUntilThen } from './found.ts'

const NO_BOUNDS: Request = {}

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

/** @returns undefined where a tag was invalidated or its version is gone, stale where one was expired; the error where the versions could not be read */
export function judged({ now }: StoreContext, entry: TaggedEntry, versions: Versions | CacheError): Found {
  if (versions instanceof CacheError) return versions
  return freshUntilThen(
    entry,
    freshByTags(entry.tags, (tag) => versions.get(tag), now()),
  )
}

/** The versions of all tags of the entries. Reads those that are not known yet. */
export async function versionsOf(
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

/** Keeps what Redis has answered and is known to be valid; anything else is not kept. */
export function keep({ tags }: StoreContext, found: Found, origin: Origin): void {
  if (found === undefined || found instanceof CacheError) return origin.keep(undefined)
  if (found.tags === undefined) return origin.keep({ freshUntil: freshUntil(found), until: found.expires })
  const { keyOf, seenSince } = tags()
  origin.keep({ freshUntil: freshUntil(found), until: found.expires, on: found.tags.map(([tag]) => keyOf(tag)) }, seenSince())
}

/** The entry's versions are not known: what is kept of the entry stands in, if it is the same one. */
export function standInFor(failure: CacheError, origin: Origin | undefined): Origin | undefined {
  return isSilence(failure) ? origin?.standIn(failure) : undefined
}

/** Expanded, and kept so where copies are shared. */
export async function expandFrom(context: StoreContext, found: CompressedEntry, origin: Origin | undefined, overdue: Overdue): Promise<Found> {
  const expanded = await expand(context, found, overdue)
  const copy = origin?.copy
  if (copy !== undefined && context.options.memory?.share === true && !(expanded instanceof CacheError)) copy.decoded = expanded
  return expanded
}

export async function expandAll(
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

/** What is left of an operation's time. */
export function rest({ options, now }: StoreContext, call: Request | undefined, startedAt: number): Request {
  const elapsed = now() - startedAt
  if (elapsed <= 0) return call ?? NO_BOUNDS
  return { ...(call?.signal === undefined ? {} : { signal: call.signal }), timeout: timeLeft(call?.timeout ?? options.timeout, elapsed) }
}

/** Expanding counts against the same time. */
export function overdueOf(context: StoreContext, call: Request | undefined, startedAt: number): Overdue {
  const { timeout, signal } = rest(context, call, startedAt)
  return overdueAfter(Math.max(1, timeout ?? context.options.timeout), signal)
}
