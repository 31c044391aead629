import { startClock, timeLeft } from '../policy/elapsed.ts'
import type { TagVersion } from '../entry/entry.ts'
import { CacheError, type Reason } from '../errors.ts'
import type { WrapContext } from './context.ts'
import { allOf } from '../policy/all-of.ts'
import { lifetimeOf } from '../policy/freshness.ts'
import { beginLong, type Request } from '../session/session.ts'
import type { Change, Unwritten, Write } from '../store/store.ts'
import { type Draft, notWritten, type Prepared, prepareWrite } from '../store/prepare-write.ts'
import { isEntry, type LoadTarget } from './load-request.ts'
import { type Lease, releaseLeases } from './lease.ts'
import type { LoaderSettings } from './run-loader.ts'

/** A loaded value that is to be stored. */
export interface Storing {
  readonly target: LoadTarget
  readonly value: unknown
  readonly settings: LoaderSettings
  /** Versions of the option's tags, read before the loader ran; or why there are none. */
  readonly tags: readonly TagVersion[] | CacheError
  readonly lease: Lease | undefined
  /** Epoch ms, when the loader was called. */
  readonly beganAt: number
  readonly took: number
  /** Whether the key was written or deleted while its value was loaded. Called as late as possible, just before the write. */
  isOutdated(): boolean
  /** Why Redis is not there to store it: then it is kept as a copy alone. */
  readonly unstored: CacheError | undefined
  /** A ticket of the copies from before the loader was called; undefined where there are none. */
  readonly since: number | undefined
}

/** The versions of a value's tags; undefined where one of them may have been invalidated since the loader began. */
type OwnVersions = readonly TagVersion[] | undefined | CacheError

/** Whether it was stored. */
export interface StoreOutcome {
  readonly stored: boolean
  readonly reason?: Reason
  /** See `LoadedValue`. */
  readonly tags?: readonly TagVersion[]
  readonly on?: readonly string[]
}

/** Stores one loaded value; see {@link storeAllLoaded}. */
export async function storeLoaded(context: WrapContext, storing: Storing): Promise<StoreOutcome> {
  return (await storeAllLoaded(context, [storing]))[0] ?? { stored: false }
}

/**
 * Stores loaded values and deletes their leases, in one round trip; one more where the loader named tags. Where a value may not be stored,
 * the entry from before is deleted.
 *
 * @returns by position
 */
export async function storeAllLoaded(context: WrapContext, storings: readonly Storing[]): Promise<readonly StoreOutcome[]> {
  const { store, now, report, options, session } = context
  const startedAt = now()
  const long = beginLong(session())
  const elapsed = startClock(now)
  const timeout = storings[0]?.target.timeout ?? options.timeout
  const ttls = storings.map(ttlOf)
  const versions = await allOf(storings.map((storing) => versionsFor(context, storing, { timeout })))
  const ready = await allOf(storings.map((storing, index) => toWrite(context, storing, versions[index], ttls[index])))
  // Reading versions and compressing take time. A write of the key in between must not be overwritten.
  const outdated = storings.map((storing) => storing.isOutdated())
  const drafts = ready.map((draft, index) => (outdated[index] === true ? undefined : draft))
  const changes: (Change | Unwritten)[] = []
  const positions = storings.map(({ target: { found, storedKey }, unstored }, index) => {
    const draft = drafts[index]
    if (isSent(draft)) return changes.push(draft) - 1
    if (outdated[index] === true || storedKey instanceof CacheError) return -1
    if (unstored !== undefined) changes.push({ key: storedKey, failure: unstored })
    else if (isEntry(found) || ttls[index] === 0) changes.push({ keys: [storedKey] })
    return -1
  })
  const request = { timeout: timeLeft(timeout, elapsed()), isBegun: long.isBegun }
  const writing = store.write(changes, 'entry', request)
  await releaseLeases(
    context,
    storings.map(({ lease }) => lease),
    request,
  )
  const changed = await writing
  long.end()
  const outcomes = drafts.map((draft, index) => (isSent(draft) ? changed[positions[index] ?? 0] : draft && failureOf(draft)))
  const isTold = (_: unknown, index: number): boolean =>
    outcomes[index] !== false && drafts[index] !== undefined && storings[index]?.unstored === undefined
  report?.write('wrap', outcomes.filter(isTold), startedAt, drafts.filter(isTold))
  return outcomes.map((outcome, index) => {
    const tags = versions[index]
    const storing = storings[index]
    const on = storing?.unstored === undefined ? {} : { on: keysOfTags(context, storing) }
    const known = tags === undefined || tags instanceof CacheError ? on : { tags, ...on }
    if (drafts[index] === undefined) return { stored: false, ...known }
    return outcome instanceof CacheError ? { stored: false, reason: outcome.code, ...known } : { stored: outcome !== false, ...known }
  })
}

/** @returns undefined where the value is not to be stored */
function toWrite(context: WrapContext, storing: Storing, tags: OwnVersions, ttl: number | undefined): Prepared | undefined | Promise<Prepared> {
  const { target, value, settings, took, unstored, since } = storing
  const { policy, storedKey } = target
  const isNothing = isNegative(storing)
  if (storedKey instanceof CacheError) return storedKey
  if (settings.isNotStored === true || ttl === 0 || (value === undefined && !isNothing)) return undefined
  if (tags === undefined) return undefined
  const failure = unstored ?? (tags instanceof CacheError ? tags : undefined)
  if (failure !== undefined && since === undefined) return failure
  const windows = isNothing ? { ttl, swr: 0, staleIfError: 0 } : { ...policy, ttl }
  const draft: Draft = {
    value,
    ...lifetimeOf(windows, policy.jitter, context.random),
    ...(tags instanceof CacheError || tags.length === 0 ? {} : { tags }),
    ...(policy.beta > 0 ? { took } : {}),
    ...(value === undefined ? { isNone: true } : {}),
    ...(target.isAbsent === true ? { isNew: true } : {}),
  }
  if (since === undefined) return prepareWrite(context, storedKey, draft)
  const on = keysOfTags(context, storing)
  const dependencies = on.length === 0 ? { on } : { on, versionsAt: target.startedAt }
  const prepared = prepareWrite(context, storedKey, draft, { since, isLoaded: true, ...dependencies })
  return failure === undefined ? prepared : notWritten(storedKey, failure, prepared)
}

/** Where the versions of its tags are stored. */
function keysOfTags(context: WrapContext, { settings, target: { policy } }: Storing): readonly string[] {
  const names = settings.tags ?? policy.tags
  return names.length === 0 ? [] : names.map(context.tags().keyOf)
}

/** Whether a write is sent, or kept as a copy where Redis is silent. */
function isSent(draft: Prepared | undefined): draft is Write | Unwritten {
  return draft !== undefined && failureOf(draft) === undefined
}

function failureOf(draft: Prepared): CacheError | undefined {
  if (draft instanceof CacheError) return draft
  return 'failure' in draft && draft.instead === undefined ? draft.failure : undefined
}

/** "There is nothing", where that is worth remembering. */
function isNegative({ value, target }: Storing): boolean {
  return (value === undefined || value === null) && target.policy.negativeTtl !== undefined
}

/** ms; undefined: no expiry; 0: it is over already. */
function ttlOf(storing: Storing): number | undefined {
  const { policy } = storing.target
  return storing.settings.ttl ?? (isNegative(storing) ? policy.negativeTtl : policy.ttl)
}

function versionsFor(context: WrapContext, storing: Storing, request: Request): OwnVersions | Promise<OwnVersions> {
  const { settings, tags, unstored } = storing
  if (unstored !== undefined) return []
  return settings.tags === undefined ? tags : versionsOfNamed(context, settings.tags, storing, request)
}

async function versionsOfNamed(
  context: WrapContext,
  named: readonly string[],
  { tags, target, beganAt }: Storing,
  request: Request,
): Promise<OwnVersions> {
  const early = new Map(tags instanceof CacheError ? [] : tags)
  const late = named.filter((tag) => !early.has(tag))
  if (late.length === 0) return named.map((tag) => [tag, early.get(tag) ?? ''])
  const versions = await context.tags().takeLate(late, beganAt, target.versions, request)
  if (versions === undefined || versions instanceof CacheError) return versions
  return [...named.filter((tag) => early.has(tag)).map((tag): TagVersion => [tag, early.get(tag) ?? '']), ...versions]
}
