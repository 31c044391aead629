import { CacheError } from '../errors.ts'
import type { Operation } from '../options/events.ts'
import { checkRead } from '../options/checks.ts'
import type { StoreContext } from './context.ts'
import type { Origin } from './copies/origin.ts'
import type { Take, Text } from './store.ts'
import type { Versions } from './tags.ts'
import type { ReadOptions } from '../options/types.ts'
import { type Found, type TaggedEntry, isTagged, isCompressed, toStoredKey, toFound, asKept, toOutcome, freshUntilThen } from './found.ts'
import { judged, versionsOf, keep, standInFor, expandFrom, expandAll, rest, overdueOf } from './judge.ts'

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
      if (isCompressed(found) || asked !== undefined) return settle(found, true, origin, text)
      report?.read(operation, [toOutcome(context, found)], startedAt, [origin])
      return finish(found, startedAt, undefined, origin)
    }
    // Versions that this invocation has seen need no round trip, and no promise.
    const until = asked === undefined && isTagged(found) ? tags().freshBySeen(found.tags) : undefined
    if (until !== undefined && isTagged(found)) found = freshUntilThen(found, until)
    const isSettled = asked === undefined && (until !== undefined || !isTagged(found)) && !isCompressed(found)
    if (!isSettled) return settle(found, until !== undefined, origin, text)
    if (origin !== undefined) keep(context, found, origin)
    report?.read(operation, [toOutcome(context, found)], startedAt, undefined, [text])
    return finish(found, startedAt, undefined, origin)
  }
  return storedKey instanceof CacheError ? refused(storedKey, take) : store.read(storedKey, 'entry', call, take)

  async function settle(read: Found, isJudged: boolean, from: Origin | undefined, text: Text): Promise<Outcome> {
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
    report?.read(operation, [toOutcome(context, found)], startedAt, origin && [origin], [text])
    return finish(found, startedAt, versions instanceof CacheError ? undefined : versions, origin)
  }
}

/** Whether a copy answers without Redis. */
function isCopied({ copies }: StoreContext, storedKey: string, call: ReadOptions | undefined): boolean {
  return copies !== undefined && call?.memory !== false && copies.fresh(storedKey) !== undefined
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
    texts,
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
