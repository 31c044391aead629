import type { Entry, TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Flight } from '../policy/single-flight.ts'
import { holdOpen } from '../session/session.ts'
import type { WrapContext } from './context.ts'
import { abortWith, leftOf, type LoaderSettings, runLoader } from './run-loader.ts'
import { type LoadRequest, whyNotStored, type LoadMode, runInMode, canShare } from './load-request.ts'
import { askForLease, type LeaseAnswer, type LeaseOptions, releaseLeases, waitForLease } from './lease.ts'
import { fromOther, type Loaded } from './loaded.ts'
import { checkLoaded, checkStored } from './schema.ts'
import { storeLoaded } from './store-loaded.ts'

/** Why a value is loaded: it is missing; it is stale and the caller waits; it is stale and nobody waits. */
type Occasion = 'miss' | 'refresh' | 'background'

/** What others do about a load while it runs. */
type LoadFlight = Pick<Flight<Loaded>, 'isShared' | 'isOutdated' | 'abandon'>

/** Loads values. */
export interface Loads {
  /**
   * Loads a value, or waits for somebody who is at it. Never rejects.
   *
   * @returns undefined where another isolate refreshes it
   */
  share(wanted: LoadRequest, occasion: Occasion, mode: LoadMode): Promise<Loaded | undefined>
  /** Loads a value. Never rejects. @param flight what others do about it meanwhile */
  run(wanted: LoadRequest, occasion: Occasion, mode: LoadMode, flight: LoadFlight): Promise<Loaded | undefined>
}

/** @param context of a cache or an invocation */
export function createLoads(context: WrapContext): Loads {
  const { now, report } = context

  async function share(wanted: LoadRequest, occasion: Occasion, mode: LoadMode): Promise<Loaded | undefined> {
    const { storedKey, policy } = wanted
    if (storedKey instanceof CacheError) return run(wanted, occasion, mode, ALONE)
    const askedAt = now()
    for (;;) {
      const theirs = context.loads().join(storedKey, policy.patience)
      if (theirs === undefined) break
      const loaded = await theirs
      if (loaded !== undefined && (await canShare(context, wanted, loaded))) {
        report?.shared(askedAt)
        return loaded
      }
    }
    const flight = context.loads().start(storedKey)
    const loaded = await run(wanted, occasion, mode, flight).catch((error: unknown) => ({ error }))
    flight.settle(loaded)
    return loaded
  }

  async function run(wanted: LoadRequest, occasion: Occasion, mode: LoadMode, flight: LoadFlight): Promise<Loaded | undefined> {
    const { key, loader, policy, stale } = wanted
    const unstored = whyNotStored(wanted)
    const since = context.copies?.ticket()
    const { tags, answer } = unstored === undefined ? await prepare(wanted, occasion) : NOTHING_PREPARED
    if (answer?.entry !== undefined && (await passes(wanted, answer.entry))) return fromOther(answer.entry)
    if (answer?.isHeld === true && occasion !== 'miss') return undefined
    // Redis failed to take the lease, so it would not take the value either, and nobody waits for it.
    if (answer !== undefined && answer.lease === undefined && occasion === 'background') return undefined
    const settings: LoaderSettings = {}
    const controller = new AbortController()
    const isWanted = (): boolean => flight.isShared || mode.isDetached
    const unlink = abortWith(wanted.signals, controller, isWanted, () => flight.abandon())
    // Keeps the connection that the read has opened, for the write after the load.
    const end = holdOpen(context.session())
    const beganAt = now()
    try {
      const { schema, hard } = policy
      const value = await runLoader({ loader, key, stale, hard, controller, settings })
      const checked = schema === undefined ? {} : { checked: { by: schema, value: await checkLoaded(schema, value, leftOf(hard, now() - beganAt)) } }
      report?.load(beganAt)
      if (unstored !== undefined && since === undefined) return { value, ...checked, stored: false, beganAt, tags: [] }
      const isOutdated = (): boolean => flight.isOutdated
      const storing = { target: wanted, value, settings, tags, lease: answer?.lease, beganAt, took: now() - beganAt, isOutdated, unstored, since }
      const outcome = await runInMode(context, mode, (target) => storeLoaded(target, storing))
      return { value, ...checked, ...outcome, beganAt, since }
    } catch (error) {
      report?.load(beganAt, { error })
      // A refresh that failed is not tried again before its lease has run out.
      const lease = occasion === 'miss' ? answer?.lease : undefined
      if (lease !== undefined && now() < lease.until) await runInMode(context, mode, (target) => releaseLeases(target, [lease]))
      return { error }
    } finally {
      unlink()
      end()
    }
  }

  /** Takes tag versions and the lease before the loader runs: one round trip, none where there are neither. */
  async function prepare(wanted: LoadRequest, occasion: Occasion): Promise<PreparedLoad> {
    const { policy, storedKey } = wanted
    const duration = occasion === 'miss' ? policy.lease : policy.patience
    const request = { timeout: wanted.early }
    const taking = policy.tags.length === 0 ? [] : context.tags().take(policy.tags, request, wanted.versions)
    if (duration === undefined || storedKey instanceof CacheError) return { tags: await taking, answer: undefined }
    const lease: LeaseOptions = { context, storedKey, found: wanted.found, duration }
    const asking = occasion === 'miss' ? waitForLease(lease, wanted.early, request) : askForLease(lease, request)
    const [tags, answer] = await Promise.all([taking, asking])
    return { tags, answer }
  }

  return { share, run }
}

interface PreparedLoad {
  readonly tags: readonly TagVersion[] | CacheError
  readonly answer: LeaseAnswer | undefined
}
const ALONE: LoadFlight = { isShared: false, isOutdated: false, abandon: () => {} }
const NOTHING_PREPARED: PreparedLoad = { tags: [], answer: undefined }

async function passes({ policy: { schema, hard } }: LoadRequest, entry: Entry): Promise<boolean> {
  return schema === undefined || (await checkStored(schema, entry.value, hard)) !== undefined
}
