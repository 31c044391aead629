import type { Entry } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Origin } from '../store/copies/origin.ts'
import type { Found } from '../store/found.ts'
import type { Versions } from '../store/tags.ts'
import type { LoadPolicy } from './options.ts'
import type { Loader } from './types.ts'
import type { WrapContext } from './context.ts'
import { type Loaded, isFailed } from './loaded.ts'

/** The key that a loaded value is stored under, and what is known of it. */
export interface LoadTarget {
  readonly key: string
  readonly storedKey: string | CacheError
  readonly policy: LoadPolicy
  /** What the read came to. */
  readonly found: Found
  /** Redis said that nothing is there: the value is stored only where that is still so. Default false. */
  readonly isAbsent?: boolean
  /** Where that comes from, where copies are kept. */
  readonly origin: Origin | undefined
  /** Epoch ms, when the caller came. */
  readonly startedAt: number
  /** Versions of tags that were read then. */
  readonly versions: Versions | undefined
  /** Bounds of the call, as far as they are about Redis: ms before the loader, what the read has left; and after it, undefined for the cache's. */
  readonly early: number
  readonly timeout: number | undefined
}

/** One value to be loaded. */
export interface LoadRequest extends LoadTarget {
  readonly loader: Loader<unknown>
  /** The stored value, past its time to live or about to be, that the loader may build upon. */
  readonly stale: unknown
  /** Fires when the caller does not want the value any more. */
  readonly signals: readonly AbortSignal[]
}

/** Narrows to an entry. */
export function isEntry(found: Found): found is Entry {
  return found !== undefined && !(found instanceof CacheError)
}

/** Why Redis is not there to store what is loaded; undefined where it is. What is no entry is overwritten. */
export function whyNotStored({ found, origin }: Pick<LoadTarget, 'found' | 'origin'>): CacheError | undefined {
  if (origin?.failure !== undefined) return origin.failure
  return found instanceof CacheError && found.code !== 'decode' ? found : undefined
}

/** Whether a load still belongs to the call that began it. It may change while the load runs. */
export interface LoadMode {
  /** The caller has its answer, and its invocation may end: what is left to do gets an invocation of its own. */
  isDetached: boolean
}

/** Does what is left after a loader: in the caller's invocation, or in one in the background. */
export async function runInMode<Outcome>(
  context: WrapContext,
  { isDetached }: LoadMode,
  work: (target: WrapContext) => Promise<Outcome>,
): Promise<Outcome> {
  if (!isDetached) return work(context)
  const background = context.openBackground(context.now() + 2 * context.options.timeout)
  try {
    return await work(background.context)
  } finally {
    await background.close()
  }
}

/**
 * Whether a caller may have what somebody else loads. A loader that was called before the caller came may have read what was
 * invalidated in between: its tags must be as they were. One that was called later is fine.
 */
export async function canShare(context: WrapContext, { startedAt, versions, timeout }: LoadTarget, loaded: Loaded): Promise<boolean> {
  if (isFailed(loaded)) return true
  const { since } = loaded
  // An invalidation of this process counts at once, whether Redis took it or not.
  if (since !== undefined && loaded.on?.some((key) => context.copies?.isChanged(key, since)) === true) return false
  if (loaded.beganAt === undefined || loaded.beganAt > startedAt) return true
  if (loaded.tags === undefined) return false
  if (loaded.tags.length === 0) return true
  return (await context.tags().areCurrent(loaded.tags, timeout === undefined ? {} : { timeout }, versions)) === true
}
