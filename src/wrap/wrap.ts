import { type Entry, freshUntil, isStale } from '../entry/entry.ts'
import { CacheError, type Reason } from '../errors.ts'
import { handOver } from '../session/hand-over.ts'
import type { WrapContext } from './context.ts'
import { isDueEarly } from '../policy/early-refresh.ts'
import { timeLeft } from '../policy/elapsed.ts'
import { freshnessOf } from '../policy/freshness.ts'
import { type Origin, sourceOf } from '../store/copies/origin.ts'
import { within } from '../policy/within.ts'
import { toStoredKey } from '../store/found.ts'
import { readOne, rejected } from '../store/read.ts'
import type { Versions } from '../store/tags.ts'
import { type LoadRequest, isEntry } from './load-request.ts'
import { createLoads } from './load.ts'
import { isFailed, type Loaded, valueFor } from './loaded.ts'
import { checkLoader, checkWrapOptions, type LoadPolicy, resolveLoadPolicy } from './options.ts'
import { refreshInBackground } from './refresh.ts'
import { checkStored } from './schema.ts'
import type { Loader, WrapOperations, WrapOptions, Wrapped } from './types.ts'

/** A stored value that may be served. */
interface Usable {
  /** As the schema made it. */
  readonly value: unknown
  readonly entry: Entry
}

const NO_OPTIONS: WrapOptions = {}
const FROM_REDIS = { from: 'redis' } as const

/** Reading through: fresh, stale, or not there; and what to do then. */
export function createWrap(context: WrapContext): Pick<WrapOperations, 'wrap' | 'wrapped'> {
  const { now, random, bounds, options: cacheOptions } = context
  const loads = createLoads(context)

  /** The hot path: a fresh value is returned as `get` would, without a promise, an object or a policy of its own. */
  function start<Outcome>(
    key: string,
    loader: Loader<unknown>,
    options: WrapOptions,
    whole: (value: unknown, entry: Entry, origin: Origin | undefined) => Outcome,
    finish: (wrapped: Wrapped<unknown>) => Outcome,
  ): Promise<Outcome> {
    try {
      checkLoader(loader)
      checkWrapOptions(options, cacheOptions.ttl)
    } catch (error) {
      return rejected(error)
    }
    const names = options.tags === undefined || options.tags.length === 0 ? undefined : options.tags
    return readOne(context, 'wrap', key, options, names, (found, startedAt, versions, origin) => {
      const isPlain = options.schema === undefined && options.beta === undefined
      if (isPlain && isEntry(found) && !isStale(found, now)) return whole(found.value, found, origin)
      return settle(key, loader, options, { found, startedAt, versions, origin }).then(finish)
    })
  }

  async function settle(
    key: string,
    loader: Loader<unknown>,
    options: WrapOptions,
    read: Pick<LoadRequest, 'found' | 'startedAt' | 'versions' | 'origin'>,
  ): Promise<Wrapped<unknown>> {
    const { found, origin } = read
    const early = timeLeft(options.timeout ?? cacheOptions.timeout, now() - read.startedAt)
    const policy = resolveLoadPolicy(options, cacheOptions.ttl)
    const usable = isEntry(found) ? await toUsable(found, policy) : undefined
    const signals = [options.signal, bounds.signal].filter((one) => one !== undefined)
    const storedKey = toStoredKey(context, key)
    const versions = read.versions ?? (await seenVersions(policy.tags))
    const wanted: LoadRequest = { key, storedKey, loader, policy, ...read, versions, stale: usable?.value, early, timeout: options.timeout, signals }
    if (usable === undefined) return load(wanted, undefined, options)
    const at = now()
    const freshness = freshnessOf(freshUntil(usable.entry), at, policy)
    if (freshness === 'fresh' && !isDue(usable.entry, policy.beta, at)) return fromStore(usable, 'hit', origin)
    if (freshness === 'fresh') return refresh(wanted, fromStore(usable, 'hit', origin), options)
    if (freshness === 'stale') return refresh(wanted, fromStore(usable, 'stale', origin), options)
    return load(wanted, freshness === 'stale-if-error' ? fromStore(usable, 'stale', origin) : undefined, options)
  }

  /** @param served what may be served meanwhile */
  async function refresh(wanted: LoadRequest, served: Wrapped<unknown>, options: WrapOptions): Promise<Wrapped<unknown>> {
    const waitUntil = options.waitUntil ?? bounds.waitUntil
    if (waitUntil !== undefined) {
      refreshInBackground(context, wanted, waitUntil)
      return served
    }
    const loaded = await loads.share(wanted, 'refresh', { isDetached: false })
    if (loaded === undefined) return served
    return fromLoad(wanted, loaded, served)
  }

  /** @param spare what may be served where the loader fails */
  async function load(wanted: LoadRequest, spare: Wrapped<unknown> | undefined, options: WrapOptions): Promise<Wrapped<unknown>> {
    const { soft, patience } = wanted.policy
    const waitUntil = options.waitUntil ?? bounds.waitUntil
    const mode = { isDetached: false }
    if (spare === undefined || soft === undefined || waitUntil === undefined) {
      return fromLoad(wanted, await loads.share(wanted, 'miss', mode), spare)
    }
    const loading = loads.share({ ...wanted, policy: { ...wanted.policy, hard: patience } }, 'miss', mode)
    const loaded = await within(loading, soft)
    if (loaded !== undefined) return fromLoad(wanted, loaded, spare)
    mode.isDetached = true
    handOver(loading, waitUntil)
    return { ...spare, reason: 'loader' }
  }

  async function fromLoad(wanted: LoadRequest, loaded: Loaded | undefined, spare: Wrapped<unknown> | undefined): Promise<Wrapped<unknown>> {
    try {
      if (loaded === undefined) throw new Error('A load that is no refresh came to nothing')
      if (isFailed(loaded)) throw loaded.error
      const { stored, storedAt } = loaded
      const failure = wanted.found instanceof CacheError ? wanted.found : wanted.origin?.failure
      const reason = failure === undefined ? loaded.reason : failure.code
      return {
        value: await valueFor(wanted.policy.schema, loaded, wanted.policy.hard),
        status: failure !== undefined ? 'degraded' : storedAt === undefined ? 'miss' : 'hit',
        ...(failure === undefined && storedAt !== undefined ? FROM_REDIS : {}),
        age: storedAt === undefined ? 0 : Math.max(0, now() - storedAt),
        stored,
        ...reasonOf(reason),
      }
    } catch (error) {
      if (spare === undefined) throw error
      return { ...spare, reason: 'loader' }
    }
  }

  async function toUsable(entry: Entry, { schema, hard }: LoadPolicy): Promise<Usable | undefined> {
    if (schema === undefined) return { value: entry.value, entry }
    const checked = await checkStored(schema, entry.value, hard)
    return checked === undefined ? undefined : { value: checked.value, entry }
  }

  /** Versions that were not asked for, since the invocation had seen them. */
  async function seenVersions(names: readonly string[]): Promise<Versions | undefined> {
    return names.length > 0 && context.tags().areSeen(names) ? versionsOrNone(await context.tags().read(names)) : undefined
  }

  function fromStore({ value, entry }: Usable, status: 'hit' | 'stale', origin: Origin | undefined): Wrapped<unknown> {
    const age = entry.at === undefined ? undefined : Math.max(0, now() - entry.at)
    return { value, status, age, stored: origin?.copy?.isConfirmed !== false, ...sourceOf(origin) }
  }

  function isDue(entry: Entry, beta: number, at: number): boolean {
    const until = freshUntil(entry)
    return beta > 0 && entry.took !== undefined && until !== undefined && isDueEarly(until, entry.took, beta, at, random)
  }

  return {
    wrap: (key: string, loader: Loader<unknown>, options?: WrapOptions) => start(key, loader, options ?? NO_OPTIONS, justValue, valueOf),
    wrapped: (key: string, loader: Loader<unknown>, options?: WrapOptions) =>
      start(
        key,
        loader,
        options ?? NO_OPTIONS,
        (value, entry, origin) => fromStore({ value, entry }, 'hit', origin),
        (wrapped) => wrapped,
      ),
  }
}

function reasonOf(reason: Reason | undefined): { readonly reason?: Reason } {
  return reason === undefined ? {} : { reason }
}

function versionsOrNone(versions: Versions | CacheError): Versions | undefined {
  return versions instanceof CacheError ? undefined : versions
}

function justValue(value: unknown): unknown {
  return value
}

function valueOf({ value }: Wrapped<unknown>): unknown {
  return value
}
