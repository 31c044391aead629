import type { CacheResult } from '../../options/types.ts'
import type { Reason } from '../../errors.ts'
import type { Expectation } from './faults.ts'

/** How the cache of the rehearsed application is set. All in ms. */
export interface CacheSettings {
  readonly timeout: number
  readonly cooldown: number
  readonly maxCooldown: number
  /** Copies in memory, and how long they answer without asking Redis. */
  readonly memory?: { readonly ttl: number }
}

/** What one request of the application got: it reads one key and writes another. */
export interface Answer {
  /** ms */
  readonly startedAt: number
  /** The key it read: one is there and one is not. */
  readonly key: 'present' | 'absent'
  /** How long it took, ms. */
  readonly ms: number
  readonly status: CacheResult<unknown>['status']
  /** Of a value: Redis, or a copy in memory. */
  readonly from?: 'redis' | 'memory'
  /** Where it is degraded, or a copy stood in. */
  readonly reason?: Reason
  /** The number it wrote, where the write was confirmed. */
  readonly confirmed?: number
  /** How much of it the event loop lost to others than the application, ms. */
  readonly lag: number
}

/** @returns whether Redis itself can have said so: neither degraded, nor a miss of what is there, nor a hit of what is not */
export function isTrue({ key, status }: Answer): boolean {
  return status === (key === 'present' ? 'hit' : 'miss')
}

/** @returns whether Redis did say so: true, and no copy of what it said before */
export function isFromRedis(answer: Answer): boolean {
  return isTrue(answer) && answer.from !== 'memory'
}

/** @returns the instant at which it came, ms */
export function endOf({ startedAt, ms }: Answer): number {
  return startedAt + ms
}

/** One shard of several; the first is the one that breaks. */
interface Shard {
  /** Counts from 1. */
  readonly number: number
  readonly of: number
}

/** All that was measured under one fault, of one shard where there are several. Instants are ms, 0 is when the fault began. */
export interface Rehearsal {
  readonly fault: string
  readonly shard?: Shard
  readonly expectation: Expectation
  readonly wire: 'tcp' | 'http'
  readonly settings: CacheSettings
  /** In the order in which they came. */
  readonly answers: readonly Answer[]
  /** The attempts to open a connection, as the runtime counted them: refused and dropped ones too. */
  readonly dials: readonly number[]
  /** When the fault was over. */
  readonly mendedAt: number
  /** A request that got no answer at all began here. */
  readonly pendingSince?: number
  /** The last write that Redis itself holds, at the end of the fault, and the last one that was confirmed by then. */
  readonly stored: number
  readonly confirmedByThen: number
  /** From the end of its work to the end of the application by itself, ms; absent where it had to be ended. */
  readonly exitMs?: number
  /** Connections that were open after its end. */
  readonly openAfterExit: number
  /** How much of one answer this machine took for something else at worst, and how late it was in making the fault, ms. */
  readonly disturbance: number
}
