import type { CacheError, Phase, Reason } from '../errors.ts'

/** A value was there. `stale` is past its time to live but inside a window in which it may be served. */
export interface CacheHit<Value> {
  readonly status: 'hit' | 'stale'
  readonly value: Value
  /** ms since the entry was written; undefined where another library wrote it. */
  readonly age: number | undefined
  /** ms until it stops being fresh (negative where stale); undefined without expiry. */
  readonly ttl: number | undefined
  /** Where it comes from: Redis, or a copy in this process (`memory`). */
  readonly from: 'redis' | 'memory'
  /** Why Redis gave no answer, where a copy stands in for one. */
  readonly reason?: Reason
}
/** Redis answered: there is no such entry. */
export interface CacheMiss {
  readonly status: 'miss'
}
/** Redis gave no usable answer, and why. */
export interface CacheDegraded {
  readonly status: 'degraded'
  readonly reason: Reason
  readonly phase?: Phase
  readonly error: CacheError
  /** How long the operation took. */
  readonly ms: number
}
/** The whole answer to a read. */
export type CacheResult<Value> = CacheHit<Value> | CacheMiss | CacheDegraded

/** The answer to `health`. */
export interface Health {
  readonly status: 'ok' | 'degraded'
  /** `tcp`, `http`, `memory`, `cluster` or `sentinel`. */
  readonly transport: string
  /** Round trip of the PING, connection included. */
  readonly ms: number
  /** Why it is degraded. */
  readonly reason?: Reason
  readonly error?: CacheError
  /** It stands before a replica: reads are answered, writes are not. TCP only. */
  readonly readOnly?: true
  /** Of a cluster: how many primaries answered, and how many there are. Behind sentinels there is one. */
  readonly nodes?: { readonly up: number; readonly of: number }
}
