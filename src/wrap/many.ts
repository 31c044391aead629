import { type Entry, freshUntil } from '../entry/entry.ts'
import { checkTags } from '../options/checks.ts'
import { handOver } from '../session/hand-over.ts'
import type { WrapContext } from './context.ts'
import { allOf } from '../policy/all-of.ts'
import { ignoreRejection } from '../policy/ignore-rejection.ts'
import { timeLeft } from '../policy/elapsed.ts'
import { type Freshness, freshnessOf } from '../policy/freshness.ts'
import { within } from '../policy/within.ts'
import { type Found, toStoredKey } from '../store/found.ts'
import { readMany } from '../store/read.ts'
import { isEntry, type LoadTarget } from './load-request.ts'
import { type Loaded, type LoadFailed, isFailed, valueFor } from './loaded.ts'
import { checkLoader, checkWrapManyOptions, type LoadPolicy, resolveLoadPolicy } from './options.ts'
import { refreshManyInBackground } from './refresh.ts'
import { type Checked, checkStored } from './schema.ts'
import { shareMany } from './share-many.ts'
import type { ManyLoader, WrapManyOptions, WrapOperations } from './types.ts'

/** What the keys of one call come to, before anything is loaded. */
interface Sorted {
  /** Values that may be returned: fresh ones, and stale ones in case their load fails. */
  readonly values: Map<string, unknown>
  readonly missing: LoadTarget[]
  /** Served, and to be refreshed. */
  readonly refreshed: LoadTarget[]
  /** Past their time to live, for the loader to build upon. */
  readonly stale: Map<string, unknown>
}

const NO_OPTIONS: WrapManyOptions = {}

/** Reading through for many keys at once. */
export function createWrapMany(context: WrapContext): WrapOperations['wrapMany'] {
  const { now, bounds, options: cacheOptions } = context

  return async function wrapMany(keys: readonly string[], loader: ManyLoader<unknown>, given?: WrapManyOptions): Promise<unknown[]> {
    const options = given ?? NO_OPTIONS
    checkLoader(loader)
    checkWrapManyOptions(options, cacheOptions.ttl)
    const { tags, ...others } = options
    const startedAt = now()
    const unique = Array.isArray(keys) ? [...new Set(keys)] : keys
    const named = typeof tags === 'function' || tags === undefined || tags.length === 0 ? undefined : tags
    const { found, texts, versions, origins } = await readMany(context, 'wrap', unique, options, named)
    if (options.schema === undefined && unique.length === keys.length && areFresh(found)) return found.map(({ value }) => value)
    const policy = resolveLoadPolicy(typeof tags === 'function' || tags === undefined ? others : { ...others, tags }, cacheOptions.ttl)
    const early = timeLeft(options.timeout ?? cacheOptions.timeout, now() - startedAt)
    const policyOf = (key: string): LoadPolicy => (typeof tags === 'function' ? { ...policy, tags: tagsOf(tags, key) } : policy)
    const toTarget = (key: string, index: number): LoadTarget => ({
      key,
      storedKey: toStoredKey(context, key),
      policy: policyOf(key),
      found: found[index],
      // MGET says of somebody's list that there is nothing: it must not be stored over.
      isAbsent: texts[index] === undefined,
      origin: origins[index],
      startedAt,
      versions,
      early,
      timeout: options.timeout,
    })
    const sorted = await sort(unique, found, policy, toTarget)
    const signals = [options.signal, bounds.signal].filter((one) => one !== undefined)
    const asked = { loader, signals, stale: sorted.stale, patience: policy.patience }
    const waitUntil = options.waitUntil ?? bounds.waitUntil
    if (waitUntil !== undefined && sorted.refreshed.length > 0) refreshManyInBackground(context, { ...asked, targets: sorted.refreshed }, waitUntil)
    const refreshed = waitUntil === undefined ? sorted.refreshed : []
    if (sorted.missing.length + refreshed.length > 0) {
      // If one key has to be waited for, all are.
      const isSpared = waitUntil !== undefined && sorted.missing.every(({ key }) => sorted.values.has(key))
      const soft = isSpared ? policy.soft : undefined
      const hard = soft === undefined ? policy.hard : policy.patience
      const mode = { isDetached: false }
      const loading = shareMany(context, { ...asked, missing: sorted.missing, refreshed, hard, mode, isBackground: false })
      const loaded = await (soft === undefined ? loading : within(loading, soft))
      if (loaded === undefined) {
        mode.isDetached = true
        handOver(loading, waitUntil)
      } else await take(loaded, policy, sorted.values)
    }
    return keys.map((key) => sorted.values.get(key))
  }

  /** The hot path: nothing to load, refresh or check. */
  function areFresh(found: readonly Found[]): found is readonly Entry[] {
    const at = now()
    return found.every((one) => isEntry(one) && at < (freshUntil(one) ?? Infinity))
  }

  async function sort(
    keys: readonly string[],
    found: readonly Found[],
    policy: LoadPolicy,
    toTarget: (key: string, index: number) => LoadTarget,
  ): Promise<Sorted> {
    const sorted: Sorted = { values: new Map(), missing: [], refreshed: [], stale: new Map() }
    // All at once: a schema that takes its time takes it for all of them together.
    const checks = await allOf(found.map((one) => (isEntry(one) ? usable(one, policy) : undefined)))
    const at = now()
    for (const [index, key] of keys.entries()) {
      const stored = checks[index]
      const freshness: Freshness = stored === undefined ? 'expired' : freshnessOf(freshUntil(stored.entry), at, policy)
      if (stored !== undefined && freshness !== 'expired') sorted.values.set(key, stored.value)
      if (stored !== undefined && freshness !== 'fresh') sorted.stale.set(key, stored.value)
      if (freshness === 'stale') sorted.refreshed.push(toTarget(key, index))
      else if (freshness !== 'fresh') sorted.missing.push(toTarget(key, index))
    }
    return sorted
  }

  /** @throws the failure of a key for which nothing else may be served */
  async function take(loaded: ReadonlyMap<string, Loaded>, policy: LoadPolicy, values: Map<string, unknown>): Promise<void> {
    const entries = [...loaded]
    const made = await allOf(entries.map(([, one]) => forCaller(one, policy)))
    for (const [index, [key]] of entries.entries()) {
      const one = made[index]
      if (one === undefined) continue
      if (!isFailed(one)) values.set(key, one.value)
      else if (!values.has(key)) throw one.error
    }
  }
}

/** What a caller gets of a load: as its schema makes it, which may be another one than that of the load. */
function forCaller(
  loaded: Loaded,
  { schema, hard }: LoadPolicy,
): { readonly value: unknown } | LoadFailed | Promise<{ readonly value: unknown } | LoadFailed> {
  if (isFailed(loaded) || loaded.value === undefined || schema === undefined) return loaded
  return valueFor(schema, loaded, hard).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
}

/** A stored value that may be served. */
interface Usable {
  readonly value: unknown
  readonly entry: Entry
}

function usable(entry: Entry, { schema, hard }: LoadPolicy): Usable | undefined | Promise<Usable | undefined> {
  if (schema === undefined || entry.none === true) return { value: entry.value, entry }
  const toUsable = (checked: Checked): Usable | undefined => (checked === undefined ? undefined : { value: checked.value, entry })
  const checked = checkStored(schema, entry.value, hard)
  return checked instanceof Promise ? checked.then(toUsable) : toUsable(checked)
}

function tagsOf(tags: (key: string) => readonly string[], key: string): readonly string[] {
  const own = tags(key)
  // An async function gives a promise, which is refused below.
  ignoreRejection(own)
  checkTags(own)
  return own
}
