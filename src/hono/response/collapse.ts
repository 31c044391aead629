import type { RequestDirectives } from '../../http/request-directives.ts'
import { decideReuse } from '../../http/reuse.ts'
import type { StoredResponse } from '../../http/stored.ts'
import { matchesVary, selectingValues, variantText } from '../../http/vary.ts'
import type { Cache } from '../../facade/types.ts'
import { createSingleFlight, type SingleFlight } from '../../policy/single-flight.ts'
import type { Query } from './lookup.ts'
import type { Plan } from './plan.ts'

/** One request's part in waiting for the handler's answer to another one. */
export interface Collapse {
  /** Another request's answer, where one comes within the wait and is an answer to this request too; undefined where nobody is under way. */
  readonly theirs: Promise<StoredResponse | undefined> | undefined
  /** To be called with what came of this one that can be stored, once; later calls do nothing. */
  share(stored: StoredResponse | undefined): void
}

/** What a request is about. */
interface Asked {
  readonly query: Query
  readonly method: string
  readonly plan: Plan
  readonly directives: RequestDirectives
  readonly now: () => number
}

/**
 * @param wait ms, after which a request goes to the handler itself: whoever leads may hang. 0 is never
 * @returns a function that tells a request's part; undefined where it has none: only a GET that misses may share
 */
export function createCollapse(wait: number): (root: Cache, asked: Asked) => Collapse | undefined {
  if (wait === 0) return () => undefined
  /** One middleware may stand before several caches: what belongs to one tenant must not reach another. */
  const flights = new WeakMap<Cache, SingleFlight<StoredResponse>>()
  function flightsOf(root: Cache): SingleFlight<StoredResponse> {
    const known = flights.get(root) ?? createSingleFlight<StoredResponse>(Date.now)
    flights.set(root, known)
    return known
  }

  return (root, { query: { text, headers, declared, isNormalized }, method, plan, directives, now }) => {
    if (method !== 'GET' || plan === 'request' || plan === 'stale') return undefined
    const own = flightsOf(root)
    let share: Collapse['share'] = () => {}

    /** Joins whoever is under way, or leads, in one turn: those who miss together must not all lead. */
    function enter(names: readonly string[]): Promise<StoredResponse | undefined> | undefined {
      const key = variantText(text, selectingValues(headers, names, isNormalized))
      const joined = own.join(key, wait)
      if (joined === undefined) share = own.start(key).settle
      return joined?.then((theirs) => use(theirs, names))
    }
    function use(theirs: StoredResponse | undefined, names: readonly string[]): Promise<StoredResponse | undefined> | StoredResponse | undefined {
      if (theirs === undefined) return undefined
      if (matchesVary(theirs, headers, isNormalized)) return decideReuse(theirs, directives, now()) === 'fresh' ? theirs : undefined
      // It varies by more than was known: those who select the same now share one more call. No third time, which would be a queue.
      return names === declared ? enter(theirs.vary.map(([name]) => name)) : undefined
    }
    return { theirs: enter(declared), share: (stored) => share(stored) }
  }
}
