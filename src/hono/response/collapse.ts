import type { RequestDirectives } from '../../http/request-directives.ts'
import { decideReuse } from '../../http/reuse.ts'
import type { StoredResponse } from '../../http/stored.ts'
import { matchesVary, selectingValues, variantText } from '../../http/vary.ts'
import { createSingleFlight } from '../../policy/single-flight.ts'
import type { Query } from './lookup.ts'
import type { Plan } from './plan.ts'

/** One request's part in waiting for the handler's answer to another one. */
export interface Collapse {
  /** Another request's answer, where one comes within the wait and is an answer to this request too. */
  join(directives: RequestDirectives, now: () => number): Promise<StoredResponse | undefined>
  /** Begins. @returns to be called with what came of it that can be stored, once; later calls do nothing */
  start(): (stored: StoredResponse | undefined) => void
}

/**
 * @param wait ms, after which a request goes to the handler itself: whoever asked may hang. 0 is never
 * @returns a function that tells a request's part; undefined where it has none: only a GET that misses may share
 */
export function createCollapse(wait: number): (query: Query, method: string, plan: Plan) => Collapse | undefined {
  if (wait === 0) return () => undefined
  const flights = createSingleFlight<StoredResponse>(Date.now)

  return ({ text, headers, declared }, method, plan) => {
    if (method !== 'GET' || plan === 'request' || plan === 'stale') return undefined
    const key = variantText(text, selectingValues(headers, declared))
    return {
      async join(directives, now) {
        const theirs = await flights.join(key, wait)
        if (theirs === undefined || !matchesVary(theirs, headers)) return undefined
        return decideReuse(theirs, directives, now()) === 'fresh' ? theirs : undefined
      },
      start: () => flights.start(key).settle,
    }
  }
}
