import type { Entry, TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { linger } from '../session/session.ts'
import type { WrapContext } from './context.ts'
import { abortWith } from './abort-with.ts'
import { type Ask, canStore } from './ask.ts'
import { type Course, onCourse } from './course.ts'
import { askForLease, type LeaseAnswer, type LeaseOptions, releaseLeases, waitForLease } from './lease.ts'
import { isFor } from './is-for.ts'
import { fromOther, type Loaded } from './loaded.ts'
import { type LoaderWishes, runLoader } from './run-loader.ts'
import { checkLoaded, checkStored } from './schema.ts'
import { storeLoaded } from './store-loaded.ts'

/** Why a value is loaded: it is not there; it is to be replaced and waited for; it is to be replaced and nobody waits. */
type Occasion = 'miss' | 'refresh' | 'background'

/** What others make of a load while it is under way. */
interface Standing {
  /** They wait for it. */
  readonly isShared: boolean
  /** They wrote or deleted what it loads. */
  readonly isOutdated: boolean
  /** To be told that it was given up. */
  abandon(): void
}

/** Loads values. */
export interface Loads {
  /**
   * Loads a value, or waits for somebody who is at it. Never rejects.
   *
   * @returns undefined where another isolate refreshes it
   */
  share(ask: Ask, occasion: Occasion, course: Course): Promise<Loaded | undefined>
  /** Loads a value. Never rejects. @param standing what others make of it meanwhile */
  run(ask: Ask, occasion: Occasion, course: Course, standing: Standing): Promise<Loaded | undefined>
}

/** @param context of a cache or an invocation */
export function createLoads(context: WrapContext): Loads {
  const { now, report, options } = context

  async function share(ask: Ask, occasion: Occasion, course: Course): Promise<Loaded | undefined> {
    const { storedKey, policy } = ask
    if (storedKey instanceof CacheError) return run(ask, occasion, course, ALONE)
    for (;;) {
      const theirs = context.loads().join(storedKey, policy.patience)
      if (theirs === undefined) break
      const loaded = await theirs
      if (loaded !== undefined && (await isFor(context, ask, loaded))) return loaded
    }
    const lead = context.loads().lead(storedKey)
    const loaded = await run(ask, occasion, course, lead).catch((error: unknown) => ({ error }))
    lead.settle(loaded)
    return loaded
  }

  async function run(ask: Ask, occasion: Occasion, course: Course, standing: Standing): Promise<Loaded | undefined> {
    const { key, loader, policy, stale } = ask
    const isStorable = canStore(ask.found)
    const { tags, answer } = isStorable ? await prepare(ask, occasion) : NOTHING_PREPARED
    if (answer?.entry !== undefined && (await passes(ask, answer.entry))) return fromOther(answer.entry)
    if (answer?.isHeld === true && occasion !== 'miss') return undefined
    // Redis took no lease: it would not take the value either, and nobody waits for it.
    if (answer !== undefined && answer.lease === undefined && occasion === 'background') return undefined
    const wishes: LoaderWishes = {}
    const controller = new AbortController()
    const isWanted = (): boolean => standing.isShared || course.isAside
    const unlink = abortWith(ask.signals, controller, isWanted, () => standing.abandon())
    // A connection that was opened for the read is there for the write.
    const end = linger(context.session())
    const beganAt = now()
    try {
      const { schema, hard } = policy
      const value = await runLoader({ loader, key, stale, hard, controller, wishes })
      const checked = schema === undefined ? {} : { checked: { by: schema, value: await checkLoaded(schema, value) } }
      report?.load(beganAt)
      if (!isStorable) return { value, ...checked, stored: false, beganAt, tags: [] }
      const isOutdated = (): boolean => standing.isOutdated
      const storing = { target: ask, value, wishes, tags, lease: answer?.lease, beganAt, took: now() - beganAt, isOutdated }
      const outcome = await onCourse(context, course, (target) => storeLoaded(target, storing))
      return { value, ...checked, ...outcome, beganAt }
    } catch (error) {
      report?.load(beganAt, { error })
      // A refresh that failed is not tried again before its lease has run out.
      const lease = occasion === 'miss' ? answer?.lease : undefined
      if (lease !== undefined && now() < lease.until) await onCourse(context, course, (target) => releaseLeases(target, [lease]))
      return { error }
    } finally {
      unlink()
      end()
    }
  }

  /** What has to be known before the loader runs: one round trip, none where there are neither tags nor a lease. */
  async function prepare(ask: Ask, occasion: Occasion): Promise<PreparedLoad> {
    const { policy, storedKey } = ask
    const duration = occasion === 'miss' ? policy.lease : policy.patience
    const request = ask.timeout === undefined ? {} : { timeout: ask.timeout }
    const taking = policy.tags.length === 0 ? [] : context.tags().take(policy.tags, request, ask.versions)
    if (duration === undefined || storedKey instanceof CacheError) return { tags: await taking, answer: undefined }
    const lease: LeaseOptions = { context, storedKey, found: ask.found, duration }
    const asking = occasion === 'miss' ? waitForLease(lease, ask.timeout ?? options.timeout, request) : askForLease(lease, request)
    const [tags, answer] = await Promise.all([taking, asking])
    return { tags, answer }
  }

  return { share, run }
}

interface PreparedLoad {
  readonly tags: readonly TagVersion[] | CacheError
  readonly answer: LeaseAnswer | undefined
}
const ALONE: Standing = { isShared: false, isOutdated: false, abandon: () => {} }
const NOTHING_PREPARED: PreparedLoad = { tags: [], answer: undefined }

async function passes({ policy: { schema } }: Ask, entry: Entry): Promise<boolean> {
  return schema === undefined || (await checkStored(schema, entry.value)) !== undefined
}
