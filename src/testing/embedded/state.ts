import { createKeyspace, type Keyspace, type Ledger } from './keyspace.ts'
import type { Session } from './session.ts'
import { policyOf, type Settings } from './settings.ts'

/** Everything that an embedded server holds. */
export interface State {
  readonly settings: Settings
  readonly databases: readonly Keyspace[]
  readonly ledger: Ledger
  readonly sessions: Set<Session>
  readonly startedAt: number
  readonly port: number
  readonly now: () => number
  /** Since the start. */
  readonly counters: { connections: number; commands: number; rejected: number }
}

const DATABASES = 16

/** @param now the clock, epoch ms */
export function createState(settings: Settings, port: number, now: () => number): State {
  const ledger: Ledger = { usedBytes: 0, ticks: 0, hits: 0, misses: 0, expired: 0, evicted: 0 }
  return {
    settings,
    ledger,
    databases: Array.from({ length: DATABASES }, () => createKeyspace(ledger, now)),
    sessions: new Set(),
    startedAt: now(),
    port,
    now,
    counters: { connections: 0, commands: 0, rejected: 0 },
  }
}

/**
 * Before a write: keeps the memory within its bound. As in Redis, what that write adds may exceed it until the next one.
 *
 * @returns false where nothing may be evicted
 */
export function makeRoom({ settings, ledger, databases }: State): boolean {
  while (settings.maxmemory > 0 && ledger.usedBytes > settings.maxmemory) {
    if (policyOf(settings) === 'noeviction') return false
    let victim: { keys: Keyspace; usedAt: number } | undefined
    for (const keys of databases) {
      const usedAt = keys.oldest()?.usedAt ?? Infinity
      if (usedAt < (victim?.usedAt ?? Infinity)) victim = { keys, usedAt }
    }
    const entry = victim?.keys.oldest()
    if (victim === undefined || entry === undefined) break
    victim.keys.evict(entry)
  }
  return true
}

/** Looks at so many keys at a time. */
const SAMPLE = 200
/** At most so many times in one go: an event loop is waiting. */
const MAX_ROUNDS = 50

/** Drops what has expired and was not asked for, as Redis does: looks at some, and goes on while a quarter of them were dead. */
export function dropExpired({ databases }: State): void {
  for (const keys of databases) {
    for (let round = 0; round < MAX_ROUNDS && keys.expiring > 0; round++) if (keys.dropExpired(SAMPLE) <= SAMPLE / 4) break
  }
}
