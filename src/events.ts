import type { CacheError, Phase, Reason } from './errors.ts'

/** The operations that events name. */
export type Operation = 'get' | 'set' | 'delete' | 'has' | 'health' | 'clear' | 'invalidateTags' | 'wrap'

/** What `onEvent` is called with. Events never carry a key, a value or a credential. */
export type CacheEvent =
  | { readonly type: 'hit' | 'stale' | 'miss'; readonly operation: Operation; readonly count: number; readonly ms: number }
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
  /** The transport opened a connection (TCP) or an invocation's first request (HTTP). */
  | { readonly type: 'connect'; readonly transport: string }
  /** A failure is remembered: nothing is tried for `ms`. */
  | { readonly type: 'cooldown'; readonly reason: Reason; readonly ms: number }
  /** The probe after a cooldown was answered. */
  | { readonly type: 'recovered' }
