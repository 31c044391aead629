import { CacheError } from './errors.ts'
import type { CacheEvent, Operation } from './events.ts'
import type { CacheDegraded } from './types.ts'

/** Tells the caller's `onEvent` what came of an operation. */
export interface Reporter {
  /** What reads came to: anything that is there, undefined for a miss, or an error. */
  read(operation: Operation, found: readonly unknown[], startedAt: number): void
  /** What writes came to: an error, or confirmed. */
  write(operation: Operation, outcomes: readonly unknown[], startedAt: number): void
}

/** @returns undefined where nobody listens, so that nothing is computed */
export function createReporter(emit: ((event: CacheEvent) => void) | undefined, now: () => number): Reporter | undefined {
  if (emit === undefined) return undefined

  function read(operation: Operation, found: readonly unknown[], startedAt: number): void {
    const ms = now() - startedAt
    const missing = found.filter((one) => one === undefined).length
    const there = found.length - missing - failed(operation, found, ms)
    if (there > 0) emit?.({ type: 'hit', operation, count: there, ms })
    if (missing > 0) emit?.({ type: 'miss', operation, count: missing, ms })
  }
  function write(operation: Operation, outcomes: readonly unknown[], startedAt: number): void {
    const ms = now() - startedAt
    const confirmed = outcomes.length - failed(operation, outcomes, ms)
    if (confirmed > 0) emit?.({ type: 'write', operation, count: confirmed, ms })
  }
  /** @returns how many failed */
  function failed(operation: Operation, outcomes: readonly unknown[], ms: number): number {
    const errors = outcomes.filter((one) => one instanceof CacheError)
    const error = errors[0]
    if (error !== undefined) emit?.({ type: 'degraded', operation, count: errors.length, ms, ...why(error) })
    return errors.length
  }
  return { read, write }
}

/** The caller's listener behind a guard: a cache must not fail because a listener does. */
export function guardListener(listener: ((event: CacheEvent) => void) | undefined): ((event: CacheEvent) => void) | undefined {
  if (listener === undefined) return undefined
  return (event) => {
    try {
      listener(event)
    } catch {
      // The listener's own fault; there is no caller to whom it could be told.
    }
  }
}

/** An error as the outcome that callers see. */
export function degraded(error: CacheError, ms: number): CacheDegraded {
  return { status: 'degraded', ms, ...why(error) }
}

function why(error: CacheError): Pick<CacheDegraded, 'reason' | 'phase' | 'error'> {
  return { reason: error.code, ...(error.phase === undefined ? {} : { phase: error.phase }), error }
}
