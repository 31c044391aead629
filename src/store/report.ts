import { CacheError } from '../errors.ts'
import { callForeign } from '../policy/call-foreign.ts'
import type { CacheEvent, Operation } from '../options/events.ts'
import type { CacheDegraded } from '../options/types.ts'

/** Stands for an entry that is past its time to live. */
export const STALE: unique symbol = Symbol.for('fastmiss.stale')

/** Tells the caller's `onEvent` what came of an operation. */
export interface Reporter {
  /** What reads came to: anything that is there, {@link STALE}, undefined for a miss, or an error. */
  read(operation: Operation, found: readonly unknown[], startedAt: number): void
  /** What writes came to: an error, or confirmed. */
  write(operation: Operation, outcomes: readonly unknown[], startedAt: number): void
  /** A loader was called. @param failure with what it failed */
  load(startedAt: number, failure?: { readonly error: unknown }): void
}

/** @returns undefined where nobody listens, so that nothing is computed */
export function createReporter(emit: ((event: CacheEvent) => void) | undefined, now: () => number): Reporter | undefined {
  if (emit === undefined) return undefined

  function read(operation: Operation, found: readonly unknown[], startedAt: number): void {
    const ms = now() - startedAt
    const missing = found.filter((one) => one === undefined).length
    const stale = found.filter((one) => one === STALE).length
    const there = found.length - missing - stale - failed(operation, found, ms)
    if (stale > 0) emit?.({ type: 'stale', operation, count: stale, ms })
    if (there > 0) emit?.({ type: 'hit', operation, count: there, ms })
    if (missing > 0) emit?.({ type: 'miss', operation, count: missing, ms })
  }
  function write(operation: Operation, outcomes: readonly unknown[], startedAt: number): void {
    const ms = now() - startedAt
    const confirmed = outcomes.length - failed(operation, outcomes, ms)
    if (confirmed > 0) emit?.({ type: 'write', operation, count: confirmed, ms })
  }
  function load(startedAt: number, failure?: { readonly error: unknown }): void {
    const ms = now() - startedAt
    emit?.(failure === undefined ? { type: 'load', operation: 'wrap', ms } : { type: 'load-failed', operation: 'wrap', ms, error: failure.error })
  }
  /** @returns how many failed */
  function failed(operation: Operation, outcomes: readonly unknown[], ms: number): number {
    const errors = outcomes.filter((one) => one instanceof CacheError)
    const error = errors[0]
    if (error !== undefined) emit?.({ type: 'degraded', operation, count: errors.length, ms, ...why(error) })
    return errors.length
  }
  return { read, write, load }
}

/** The caller's listener behind a guard: a cache must not fail because a listener does. */
export function guardListener(listener: ((event: CacheEvent) => void) | undefined): ((event: CacheEvent) => void) | undefined {
  if (listener === undefined) return undefined
  // There is no caller to whom its failure could be told.
  return (event) => void callForeign(() => listener(event))
}

/** An error as the outcome that callers see. */
export function degraded(error: CacheError, ms: number): CacheDegraded {
  return { status: 'degraded', ms, ...why(error) }
}

function why(error: CacheError): Pick<CacheDegraded, 'reason' | 'phase' | 'error'> {
  return { reason: error.code, ...(error.phase === undefined ? {} : { phase: error.phase }), error }
}
