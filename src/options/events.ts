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

/** What `onEvent` is called with. Events never carry a key, a value or a credential; the error of a loader is the caller's own. */
export type CacheEvent =
  | {
      readonly type: 'hit' | 'stale'
      readonly operation: Operation
      readonly count: number
      readonly ms: number
      /** Copies in this process answered; absent where Redis did. */
      readonly from?: 'memory'
      /** Why Redis gave no answer, where a copy stood in for one. */
      readonly reason?: Reason
    }
  | { readonly type: 'miss'; readonly operation: Operation; readonly count: number; readonly ms: number }
  | { readonly type: 'write'; readonly operation: Operation; readonly count: number; readonly ms: number }
  | {
      readonly type: 'degraded'
      readonly operation: Operation
      readonly count: number
      readonly ms: number
      readonly reason: Reason
      readonly phase?: Phase
      readonly error: CacheError
    }
  /** `wrap` called the loader, and got a value. */
  | { readonly type: 'load'; readonly operation: Operation; readonly ms: number }
  /** The loader failed, took too long, or gave what does not pass the schema; `error` as `wrap` rejects with it, where it does. */
  | { readonly type: 'load-failed'; readonly operation: Operation; readonly ms: number; readonly error: unknown }
  /** The transport opened a connection (TCP) or an invocation's first request (HTTP). `node`: of a cluster or behind sentinels, its `host:port`. */
  | { readonly type: 'connect'; readonly transport: string; readonly node?: string }
  /** A failure is remembered: nothing is tried for `ms`. */
  | { readonly type: 'cooldown'; readonly reason: Reason; readonly ms: number; readonly node?: string }
  /** The probe after a cooldown was answered. */
  | { readonly type: 'recovered'; readonly node?: string }
