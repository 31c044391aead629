import { CacheError } from '../errors.ts'
import type { StoreContext } from '../store/context.ts'
import { type Clear, createClear } from '../store/clear.ts'
import type { CallOptions } from '../options/types.ts'
import { misplacedServer } from '../store/health.ts'
import { observed } from '../store/observed.ts'
import type { StoreKeys } from './keys.ts'

/**
 * Clears whatever namespace the store has at the time; one that was left unfinished is gone on with.
 *
 * @param bound ms for one call
 * @returns what kept it from clearing everything, or that there is more
 */
export function createStoreClear(context: StoreContext, bound: number): (keys: StoreKeys) => Promise<CacheError | undefined> {
  const { session, store, copies, spansSlots, options, now } = context
  let last: { readonly prefix: string; readonly clear: Clear } | undefined

  return async (range) => {
    if (last?.prefix !== range.prefix) {
      const refusal = (request: CallOptions): Promise<CacheError | undefined> => misplacedServer(context, request)
      last = { prefix: range.prefix, clear: createClear({ session, store, copies, range, spansSlots, timeout: options.timeout, now, refusal }) }
    }
    const { clear } = last
    return observed(context, 'clear', [], async ({ report }) => {
      const startedAt = now()
      const failure = failureOf(await clear(bound), bound)
      report?.write('clear', [failure], startedAt)
      return failure
    })
  }
}

/** Keyv's `clear()` has no answer but the error event. */
function failureOf(outcome: boolean | CacheError, bound: number): CacheError | undefined {
  if (outcome !== false) return outcome === true ? undefined : outcome
  return new CacheError('timeout', `There was more to clear than ${bound} ms allow; the next clear() goes on`)
}
