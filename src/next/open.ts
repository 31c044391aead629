import { CACHE_OPTIONS } from '../options/resolve-options.ts'
import { environment } from '../options/environment.ts'
import type { CacheOperations } from '../facade/operations.ts'
import type { CacheOptions } from '../facade/types.ts'
import { internalsOf } from '../facade/internals.ts'
import { describe, refuseUnknown } from '../options/checks.ts'
import { isOverTcp } from '../transport/is-over-tcp.ts'
import { createEntries, type Entries } from './entries.ts'
import type { NextOptions, NextOptionsGiven, NextSettings } from './types.ts'

/** How the runtime of the entry makes a cache. */
export interface NextRuntime {
  readonly createCache: (options: CacheOptions) => CacheOperations
  /**
   * Next.js builds the handler of pages and `fetch` into its edge functions too, middleware included. They know no TCP, which must not keep
   * them from answering: where no cache can be made nothing is kept.
   */
  readonly isEdge: boolean
}

/** What a handler runs on. */
export interface Opened {
  readonly entries: Entries
  /** What tells this build from others, where it is given. */
  readonly buildId: string | undefined
}

/** ms. Entries with tags, as nearly all of Next.js are, end after 30 days in any case. */
const LONGEST = 2_592_000_000
const NAMESPACE = 'next'

const NO_ENTRIES: Entries = {
  read: async () => undefined,
  write: async () => {},
  revalidate: async () => {},
}

/**
 * Opens a cache once for all requests of a process. Nothing is dialled before the first one.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 */
export function open(given: NextOptionsGiven, runtime: NextRuntime): Opened {
  if (isBuild() && (typeof given === 'function' || given.duringBuild !== true)) return openBuild(runtime)
  if (!runtime.isEdge) return openGiven(given, runtime)
  try {
    return openGiven(given, runtime)
  } catch {
    // The same options are checked on Node, where pages are rendered.
    return { entries: NO_ENTRIES, buildId: undefined }
  }
}

function openGiven(given: NextOptionsGiven, runtime: NextRuntime): Opened {
  const { duringBuild, buildId, ...options } = typeof given === 'function' ? given() : given
  if (buildId !== undefined && (typeof buildId !== 'string' || buildId === '')) throw new TypeError('buildId: expected a string that is not empty')
  if (duringBuild !== undefined && typeof duringBuild !== 'boolean')
    throw new TypeError(`duringBuild: expected true or false, got ${describe(duringBuild)}`)
  if (duringBuild === true && buildId === undefined) throw new TypeError('duringBuild: needs buildId, since the build has written none yet')
  const cache = openCache(options, runtime)
  return { entries: createEntries(cache, Math.min(internalsOf(cache).options.ttl ?? LONGEST, LONGEST)), buildId }
}

/** What one process of the build renders stays in it, so that a build needs no Redis. */
function openBuild({ createCache }: NextRuntime): Opened {
  return { entries: createEntries(createCache({ url: 'memory:', namespace: NAMESPACE }), LONGEST), buildId: 'build' }
}

function openCache(options: Omit<NextOptions, keyof NextSettings>, { createCache, isEdge }: NextRuntime): CacheOperations {
  if ('cache' in options) {
    refuseUnknown('', options, ['cache', 'duringBuild', 'buildId'])
    return options.cache as CacheOperations
  }
  refuseUnknown('', options, ['cache', 'duringBuild', 'buildId', ...CACHE_OPTIONS])
  return createCache({ namespace: NAMESPACE, ...(!isEdge && isOverTcp(options) ? { connection: 'reuse' } : {}), ...options })
}

/** Told by Next.js to every process of a build. */
function isBuild(): boolean {
  return environment()['NEXT_PHASE'] === 'phase-production-build'
}
