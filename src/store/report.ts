import { CacheError, type Reason } from '../errors.ts'
import { callForeign } from '../policy/call-foreign.ts'
import type { CacheEvent, Operation } from '../options/events.ts'
import { readableNamespace } from '../options/namespace.ts'
import type { Origin } from './copies/origin.ts'
import type { CacheDegraded } from '../options/types.ts'
import type { Change, Unwritten } from './store.ts'

/** Stands for a stale entry in a report. */
export const STALE: unique symbol = Symbol.for('fastmiss.stale')

/** A text as it is stored, or its length alone. */
type Read = { readonly length: number } | undefined | CacheError

/** What is asked of a change that was made. */
type Made = Change | Unwritten | CacheError | undefined

/** Stands for what a copy in this process answered. */
const COPIED: unique symbol = Symbol('copied')

/** Tells the caller's `onEvent` what came of an operation. */
export interface Reporter {
  /**
   * What reads came to: anything that is there, {@link STALE}, undefined for a miss, or an error.
   *
   * @param origins by position, where copies are kept
   * @param texts by position, as they are stored
   */
  read(operation: Operation, found: readonly unknown[], startedAt: number, origins?: readonly (Origin | undefined)[], texts?: readonly Read[]): void
  /** What writes came to: an error, or confirmed. @param changes by position */
  write(operation: Operation, outcomes: readonly unknown[], startedAt: number, changes?: readonly Made[]): void
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
  // A clock may have been set back.
  const since = (startedAt: number): number => Math.max(0, now() - startedAt)

  function read(
    operation: Operation,
    all: readonly unknown[],
    startedAt: number,
    origins: readonly (Origin | undefined)[] = [],
    texts: readonly Read[] = [],
  ): void {
    const ms = since(startedAt)
    const found = origins.some(isOfCopy) ? withoutCopies(operation, all, ms, origins) : all
    failed(operation, found, ms)
    const counts = { stale: 0, hit: 0, miss: 0 }
    const lengths = { stale: 0, hit: 0, miss: 0 }
    for (const [index, one] of found.entries()) {
      if (one === COPIED || one instanceof CacheError) continue
      const type = one === undefined ? 'miss' : one === STALE ? 'stale' : 'hit'
      const text = texts[index]
      counts[type] += 1
      if (text !== undefined && !(text instanceof CacheError)) lengths[type] += text.length
    }
    const { stale, hit, miss } = counts
    if (stale > 0) emit?.({ type: 'stale', operation, count: stale, ms, ...traits, ...bytesOf(lengths.stale) })
    if (hit > 0) emit?.({ type: 'hit', operation, count: hit, ms, ...traits, ...bytesOf(lengths.hit) })
    if (miss > 0) emit?.({ type: 'miss', operation, count: miss, ms, ...traits })
  }
  /** Tells of what copies answered, one event for each kind. @returns the same with {@link COPIED} in their places */
  function withoutCopies(operation: Operation, found: readonly unknown[], ms: number, origins: readonly (Origin | undefined)[]): readonly unknown[] {
    const counts = new Map<string, { readonly type: 'hit' | 'stale'; readonly reason: Reason | undefined; count: number }>()
    const rest = found.map((one, index) => {
      const origin = origins[index]
      if (!isOfCopy(origin) || one === undefined || one instanceof CacheError) return one
      const type = one === STALE ? 'stale' : 'hit'
      const reason = origin.failure?.code
      const known = counts.get(`${type} ${reason}`) ?? { type, reason, count: 0 }
      known.count += 1
      counts.set(`${type} ${reason}`, known)
      return COPIED
    })
    for (const { type, reason, count } of counts.values()) {
      emit?.({ type, operation, count, ms, ...traits, from: 'memory', ...(reason === undefined ? {} : { reason }) })
    }
    return rest
  }
  function write(operation: Operation, outcomes: readonly unknown[], startedAt: number, changes: readonly Made[] = []): void {
    const ms = since(startedAt)
    const confirmed = outcomes.length - failed(operation, outcomes, ms)
    const length = changes.reduce((sum, change, index) => sum + (outcomes[index] === true ? lengthOf(change) : 0), 0)
    if (confirmed > 0) emit?.({ type: 'write', operation, count: confirmed, ms, ...traits, ...bytesOf(length) })
  }
  function load(startedAt: number, failure?: { readonly error: unknown }): void {
    const ms = since(startedAt)
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
    emit?.({ type: 'load-shared', operation: 'wrap', ms: since(startedAt), ...traits })
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

function bytesOf(length: number): { readonly bytes?: number } {
  return length === 0 ? {} : { bytes: length }
}

function lengthOf(change: Made): number {
  return change !== undefined && 'text' in change ? change.text.length : 0
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
