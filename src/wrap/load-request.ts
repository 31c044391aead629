import type { Entry } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Origin } from '../store/copies/origin.ts'
import type { Found } from '../store/read.ts'
import type { Versions } from '../store/tags.ts'
import type { LoadPolicy } from './options.ts'
import type { Loader } from './types.ts'

/** The key that a loaded value is stored under, and what is known of it. */
export interface LoadTarget {
  readonly key: string
  readonly storedKey: string | CacheError
  readonly policy: LoadPolicy
  /** What the read came to. */
  readonly found: Found
  /** Where that comes from, where copies are kept. */
  readonly origin: Origin | undefined
  /** Epoch ms, when the caller came. */
  readonly startedAt: number
  /** Versions of tags that were read then. */
  readonly versions: Versions | undefined
  /** Bounds of the call, as far as they are about Redis. */
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
