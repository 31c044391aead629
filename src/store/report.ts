import { CacheError, type Reason } from '../errors.ts'
import { callForeign } from '../policy/call-foreign.ts'
import type { CacheEvent, Operation } from '../options/events.ts'
import { readableNamespace } from '../options/namespace.ts'
import type { Origin } from './copies/origin.ts'
import type { CacheDegraded } from '../options/types.ts'

/** Stands for a stale entry in a report. */
export const STALE: unique symbol = Symbol.for('fastmiss.stale')

/** Tells the caller's `onEvent` what came of an operation. */
export interface Reporter {
  /** What reads came to: anything that is there, {@link STALE}, undefined for a miss, or an error. @param origins by position, where copies are kept */
  read(operation: Operation, found: readonly unknown[], startedAt: number, origins?: readonly (Origin | undefined)[]): void
  /** What writes came to: an error, or confirmed. */
  write(operation: Operation, outcomes: readonly unknown[], startedAt: number): void
  /** A loader was called. @param failure with what it failed */
  load(startedAt: number, failure?: { readonly error: unknown }): void
  /** Another caller's load was waited for, and its value taken. */
  shared(startedAt: number): void
}

/** What every answer of one namespace is told with. */
export interface EventTraits {
  readonly transport: string
  readonly namespace?: string
  readonly group?: string
}

/** @returns undefined where there is no listener, so that no event is made */
export function createReporter(emit: ((event: CacheEvent) => void) | undefined, now: () => number, traits: EventTraits): Reporter | undefined {
  if (emit === undefined) return undefined

  function read(operation: Operation, all: readonly unknown[], startedAt: number, origins: readonly (Origin | undefined)[] = []): void {
    const ms = now() - startedAt
    const found = origins.some(isOfCopy) ? withoutCopies(operation, all, ms, origins) : all
    const missing = found.filter((one) => one === undefined).length
    const stale = found.filter((one) => one === STALE).length
    const there = found.length - missing - stale - failed(operation, found, ms)
    if (stale > 0) emit?.({ type: 'stale', operation, count: stale, ms, ...traits })
    if (there > 0) emit?.({ type: 'hit', operation, count: there, ms, ...traits })
    if (missing > 0) emit?.({ type: 'miss', operation, count: missing, ms, ...traits })
  }
  /** Tells of what copies answered, one event for each kind. @returns the rest */
  function withoutCopies(operation: Operation, found: readonly unknown[], ms: number, origins: readonly (Origin | undefined)[]): readonly unknown[] {
    const counts = new Map<string, { readonly type: 'hit' | 'stale'; readonly reason: Reason | undefined; count: number }>()
    const rest = found.filter((one, index) => {
      const origin = origins[index]
      if (!isOfCopy(origin) || one === undefined || one instanceof CacheError) return true
      const type = one === STALE ? 'stale' : 'hit'
      const reason = origin.failure?.code
      const known = counts.get(`${type} ${reason}`) ?? { type, reason, count: 0 }
      known.count += 1
      counts.set(`${type} ${reason}`, known)
      return false
    })
    for (const { type, reason, count } of counts.values()) {
      emit?.({ type, operation, count, ms, ...traits, from: 'memory', ...(reason === undefined ? {} : { reason }) })
    }
    return rest
  }
  function write(operation: Operation, outcomes: readonly unknown[], startedAt: number): void {
    const ms = now() - startedAt
    const confirmed = outcomes.length - failed(operation, outcomes, ms)
    if (confirmed > 0) emit?.({ type: 'write', operation, count: confirmed, ms, ...traits })
  }
  function load(startedAt: number, failure?: { readonly error: unknown }): void {
    const ms = now() - startedAt
    emit?.(
      failure === undefined
        ? { type: 'load', operation: 'wrap', ms, ...traits }
        : { type: 'load-failed', operation: 'wrap', ms, ...traits, error: failure.error },
    )
  }
  /** @returns how many failed */
  function failed(operation: Operation, outcomes: readonly unknown[], ms: number): number {
    const errors = outcomes.filter((one) => one instanceof CacheError)
    const error = errors[0]
    if (error !== undefined) emit?.({ type: 'degraded', operation, count: errors.length, ms, ...traits, ...why(error) })
    return errors.length
  }
  function shared(startedAt: number): void {
    emit?.({ type: 'load-shared', operation: 'wrap', ms: now() - startedAt, ...traits })
  }
  return { read, write, load, shared }
}

/** Options that are not set are left out. */
export function traitsOf(transport: string, namespace: string | undefined, group?: string): EventTraits {
  return { transport, ...(namespace === undefined ? {} : { namespace: readableNamespace(namespace) }), ...(group === undefined ? {} : { group }) }
}

/** The caller's listener behind a guard: a cache must not fail because a listener does. */
export function guardListener(listener: ((event: CacheEvent) => void) | undefined): ((event: CacheEvent) => void) | undefined {
  if (listener === undefined) return undefined
  // There is no caller to whom its failure could be told.
  return (event) => void callForeign(() => listener(event))
}

function isOfCopy(origin: Origin | undefined): origin is Origin {
  return origin?.copy !== undefined
}

/** An error as the outcome that callers see. */
export function degraded(error: CacheError, ms: number): CacheDegraded {
  return { status: 'degraded', ms, ...why(error) }
}

function why(error: CacheError): Pick<CacheDegraded, 'reason' | 'phase' | 'error'> {
  return { reason: error.code, ...(error.phase === undefined ? {} : { phase: error.phase }), error }
}
