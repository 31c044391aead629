import { checkTags, describe, isObject, toTtl } from '../options/checks.ts'
import type { WrapContext } from './context.ts'
import { bounded } from '../policy/bounded.ts'
import { isMap } from '../policy/kind-of.ts'
import { takeForEach } from '../store/tag-versions.ts'
import { type LoadTarget, whyNotStored, type LoadMode, runInMode } from './load-request.ts'
import type { Lease } from './lease.ts'
import type { Loaded, LoadedValue, LoadFailed } from './loaded.ts'
import { leftOf, type LoaderSettings, tooLong } from './run-loader.ts'
import { checkLoaded } from './schema.ts'
import { storeAllLoaded, type StoreOutcome } from './store-loaded.ts'
import type { ManyLoaded, ManyLoader, ManyLoaderContext } from './types.ts'

/** A loaded value before it is stored. */
type Checked = Omit<LoadedValue, 'stored'>

/** One call of a loader for several keys. */
export interface ManyLoad {
  readonly targets: readonly LoadTarget[]
  readonly loader: ManyLoader<unknown>
  readonly stale: ReadonlyMap<string, unknown>
  /** Leases that were taken, by key. */
  readonly leases: ReadonlyMap<string, Lease>
  /** ms; undefined: no bound. */
  readonly hard: number | undefined
  readonly mode: LoadMode
  readonly controller: AbortController
  /** A key that was written or deleted meanwhile. */
  isOutdated(key: string): boolean
}

/**
 * Loads and stores: one round trip before the loader where there are tags without a known version, one after it.
 *
 * @returns what came of it, by key. Never rejects
 */
export async function loadMany(context: WrapContext, load: ManyLoad): Promise<ReadonlyMap<string, Loaded>> {
  const { targets, loader, stale, hard, controller } = load
  const { now, report } = context
  const since = context.copies?.ticket()
  const lists = targets.map(({ policy }) => policy.tags)
  const request = targets[0] && { timeout: targets[0].early }
  const isTagged = lists.some(({ length }) => length > 0) && targets.some((target) => whyNotStored(target) === undefined)
  const versionsOf = isTagged ? await takeForEach(context.tags(), lists, request, targets[0]?.versions) : undefined
  const settings = new Map<string, LoaderSettings>()
  const beganAt = now()
  try {
    const keys = targets.map(({ key }) => key)
    const values = toLookup(
      await bounded(
        () => loader(keys, contextFor(settings, stale, controller.signal)),
        hard,
        tooLong(hard),
        (error) => controller.abort(error),
      ),
    )
    const took = now() - beganAt
    const loaded = await checkedAll(targets, values, leftOf(hard, took))
    report?.load(beganAt)
    const storings = targets.flatMap((target, index) => {
      const result = loaded[index]
      const unstored = whyNotStored(target)
      if (result === undefined || 'error' in result || (unstored !== undefined && since === undefined)) return []
      const lease = load.leases.get(target.key)
      return [
        {
          target,
          value: result.value,
          settings: settings.get(target.key) ?? {},
          tags: versionsOf?.(target.policy.tags) ?? [],
          lease,
          beganAt,
          took,
          isOutdated: () => load.isOutdated(target.key),
          unstored,
          since,
        },
      ]
    })
    const outcomes = new Map<LoadTarget, StoreOutcome>()
    const stored = await runInMode(context, load.mode, (target) => storeAllLoaded(target, storings))
    for (const [index, outcome] of stored.entries()) {
      const target = storings[index]?.target
      if (target !== undefined) outcomes.set(target, outcome)
    }
    return new Map(
      targets.map((target, index): [string, Loaded] => {
        const result = loaded[index] ?? { value: undefined }
        return [target.key, 'error' in result ? result : { ...result, beganAt, since, ...(outcomes.get(target) ?? { stored: false, tags: [] }) }]
      }),
    )
  } catch (error) {
    report?.load(beganAt, { error })
    return new Map(targets.map(({ key }) => [key, { error }]))
  }
}

/** All values share one schema. Without one there is nothing to wait for. */
async function checkedAll(
  targets: readonly LoadTarget[],
  values: (key: string) => unknown,
  hard: number | undefined,
): Promise<readonly (Checked | LoadFailed)[]> {
  if (targets.every(({ policy }) => policy.schema === undefined)) return targets.map(({ key }) => ({ value: values(key) }))
  return Promise.all(targets.map((target) => checked(target, values(target.key), hard)))
}

/** Each value is checked on its own: if one does not pass, the others are stored all the same. */
async function checked({ policy: { schema } }: LoadTarget, value: unknown, hard: number | undefined): Promise<Checked | LoadFailed> {
  // A key that the loader left out has no value to check.
  if (schema === undefined || value === undefined) return { value }
  try {
    return { value, checked: { by: schema, value: await checkLoaded(schema, value, hard) } }
  } catch (error) {
    return { error }
  }
}

function contextFor(settings: Map<string, LoaderSettings>, stale: ReadonlyMap<string, unknown>, signal: AbortSignal): ManyLoaderContext {
  const add = (key: string, wish: LoaderSettings): void => void settings.set(key, { ...settings.get(key), ...wish })
  return {
    stale,
    signal,
    setTtl: (key, ttl) => add(key, { ttl: toTtl(ttl) }),
    setTags(key, tags) {
      checkTags(tags)
      add(key, { tags: [...new Set(tags)] })
    },
    doNotStore: (key) => add(key, { isNotStored: true }),
  }
}

function toLookup(loaded: ManyLoaded<unknown>): (key: string) => unknown {
  // By its kind: in Jest, and on Vercel's edge, what the platform makes is no instance of the global class, and has no own keys.
  if (isMap(loaded)) return (key) => loaded.get(key)
  if (!isObject(loaded) || Array.isArray(loaded)) {
    throw new TypeError(`loader: expected a Map or an object of values by key, got ${describe(loaded)}`)
  }
  const values = loaded as { readonly [key: string]: unknown }
  return (key) => (Object.hasOwn(values, key) ? values[key] : undefined)
}
