import type { CacheError, Phase, Reason } from '../errors.ts'

/** The operations that events name. */
export type Operation =
  | 'get'
  | 'set'
  | 'delete'
  | 'take'
  | 'touch'
  | 'has'
  | 'keys'
  | 'health'
  | 'clear'
  | 'invalidateTags'
  | 'expireTags'
  | 'wrap'
  | 'preload'

/** What every answer is told with. */
interface Told {
  readonly operation: Operation
  /** Whole ms. */
  readonly ms: number
  /** The name of the transport: `tcp`, `http`, `memory`, `cluster`, `sentinel`, or that of one that was handed in. */
  readonly transport: string
  /** The cache's namespace, or that of the view within; absent where there is none. */
  readonly namespace?: string
  /** What `describe` of `fastmiss/otel` calls the key; absent without it. */
  readonly group?: string
}

/** What `onEvent` is called with. Events never carry a key, a value or a credential; the error of a loader is the caller's own. */
export type CacheEvent =
  | (Told & {
      readonly type: 'hit' | 'stale'
      readonly count: number
      /** Copies in this process answered; absent where Redis did. */
      readonly from?: 'memory'
      /** Why Redis gave no answer, where a copy stood in for one. */
      readonly reason?: Reason
      /** What Redis gave: characters of the stored texts, which are as many bytes where all of them are ASCII. Absent for copies. */
      readonly bytes?: number
    })
  | (Told & { readonly type: 'miss'; readonly count: number })
  | (Told & {
      readonly type: 'write'
      readonly count: number
      /** What Redis took, counted as above; absent where no text was written. */
      readonly bytes?: number
    })
  | (Told & {
      readonly type: 'degraded'
      readonly count: number
      readonly reason: Reason
      readonly phase?: Phase
      readonly error: CacheError
    })
  /** `wrap` called the loader, and got a value. */
  | (Told & { readonly type: 'load' })
  /** `wrap` called no loader: it waited for the load of another caller, for `ms`, and took its value. */
  | (Told & { readonly type: 'load-shared' })
  /** The loader failed, took too long, or gave what does not pass the schema; `error` as `wrap` rejects with it, where it does. */
  | (Told & { readonly type: 'load-failed'; readonly error: unknown })
  /** The transport opens a connection (TCP) or an invocation's first request (HTTP). `node`: of a cluster or behind sentinels, its `host:port`. */
  | { readonly type: 'connect'; readonly transport: string; readonly node?: string }
  /** The first answer came over it, so many ms after `connect`. */
  | { readonly type: 'connected'; readonly transport: string; readonly ms: number; readonly node?: string }
  /** It failed before its first answer, so many ms after `connect`. */
  | {
      readonly type: 'connect-failed'
      readonly transport: string
      readonly ms: number
      readonly reason: Reason
      readonly phase?: Phase
      readonly node?: string
    }
  /** A failure is remembered: nothing is tried for `ms`. */
  | { readonly type: 'cooldown'; readonly reason: Reason; readonly ms: number; readonly node?: string }
  /**
   * A function among the options of `responseCache` threw, or gave what it must not, such as a promise: the request was answered without
   * the cache. `error` as it threw.
   */
  | { readonly type: 'option-failed'; readonly option: 'skip' | 'key' | 'tags'; readonly error: unknown }
  /** The probe after a cooldown was answered. */
  | { readonly type: 'recovered'; readonly node?: string }
