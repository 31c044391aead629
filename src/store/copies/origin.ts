import type { CacheError, Reason } from '../../errors.ts'
import type { Copies, Copy, CopyTraits } from './copies.ts'

/** Where a text comes from, where copies are kept. */
export interface Origin {
  /** The copy that answers; undefined: Redis did. */
  readonly copy: Copy | undefined
  /** Why Redis gave no answer, where the copy stands in for one. */
  readonly failure: CacheError | undefined
  /**
   * Keeps what Redis has answered, once it is known to be valid.
   *
   * @param traits undefined: it is not valid, and nothing is kept
   * @param knownAt epoch ms, where what makes it valid is older than the question
   */
  keep(traits: CopyTraits | undefined, knownAt?: number): void
  /** The copy of what Redis has answered, where it cannot be told whether that is valid still. */
  standIn(failure: CacheError): Origin | undefined
}

/** Of a copy. */
export function fromCopy(copy: Copy, failure: CacheError | undefined): Origin {
  return { copy, failure, keep: nothing, standIn: (later) => (failure === undefined ? undefined : fromCopy(copy, later)) }
}

/** Of an answer. @param mayStandIn whether a copy may answer instead */
export function fromRedis(copies: Copies, key: string, text: string, ticket: number, askedAt: number, mayStandIn: boolean): Origin {
  return {
    copy: undefined,
    failure: undefined,
    keep(traits, knownAt = askedAt) {
      if (traits === undefined) copies.answered(key, ticket, undefined)
      else copies.keep(key, text, traits, ticket, Math.min(askedAt, knownAt))
    },
    standIn(failure) {
      const spare = mayStandIn ? copies.spare(key) : undefined
      return spare === undefined || spare.text !== text ? undefined : fromCopy(spare, failure)
    },
  }
}

/** What callers are told of where a value comes from. */
export function sourceOf(origin: Origin | undefined): { readonly from: 'redis' | 'memory'; readonly reason?: Reason } {
  if (origin?.copy === undefined) return FROM_REDIS
  return origin.failure === undefined ? FROM_MEMORY : { from: 'memory', reason: origin.failure.code }
}

const FROM_REDIS = { from: 'redis' } as const
const FROM_MEMORY = { from: 'memory' } as const

function nothing(): void {}
