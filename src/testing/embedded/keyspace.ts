import { type Entry, type Value, weighEntry } from './entry.ts'
import type { Bytes } from './reply.ts'
import { createUsage } from './usage.ts'

/** What all databases of a server share. */
export interface Ledger {
  usedBytes: number
  /** Counts up with everything that happens. */
  ticks: number
  hits: number
  misses: number
  expired: number
  evicted: number
}

/** One database. */
export interface Keyspace {
  readonly size: number
  /** Keys that have an expiry; those that have passed it and were not met yet included. */
  readonly expiring: number
  /** @returns the entry, if it has not expired */
  find(key: Bytes): Entry | undefined
  /** The same, as a use of the key: it is then the last to be evicted. */
  read(key: Bytes): Entry | undefined
  /** Makes the key, or replaces what it holds. */
  put(key: Bytes, value: Value, expiresAt: number): Entry
  /** Tells that the value was changed in place. */
  grew(entry: Entry, bytes: number): void
  expireAt(entry: Entry, expiresAt: number): void
  /** @returns whether there was one */
  remove(key: Bytes): boolean
  /** A page of about `count` entries, newest first. @returns them, and the cursor of the next page: 0 where this was the last */
  page(cursor: number, count: number): { readonly cursor: number; readonly entries: readonly Entry[] }
  entries(): Entry[]
  clear(): void
  /** The entry that was not used for the longest time. */
  oldest(): Entry | undefined
  evict(entry: Entry): void
  /** Looks at so many of the entries that have an expiry, in turn, and drops those that have passed it. @returns how many */
  dropExpired(tries: number): number
}

/** Places of removed keys that are kept before the order is written anew. */
const MAX_GAPS = 1_024

/** @param now the clock, epoch ms */
export function createKeyspace(ledger: Ledger, now: () => number): Keyspace {
  const byKey = new Map<Bytes, Entry>()
  const usage = createUsage()
  /** In the order of their ids, with gaps: a cursor stays right whatever is removed or used meanwhile. */
  let order: Entry[] = []
  let gaps = 0
  /** Those with an expiry, the one that was looked at last at the end. */
  const mortal = new Set<Entry>()

  function drop(entry: Entry): void {
    byKey.delete(entry.key)
    usage.remove(entry)
    ledger.usedBytes -= entry.bytes
    mortal.delete(entry)
    entry.isGone = true
    // Its place in the order stays for a while, and must not keep what was in it: a thousand values of a megabyte are a gigabyte.
    entry.key = ''
    entry.value = ''
    gaps += 1
    if (gaps <= MAX_GAPS || gaps <= order.length / 2) return
    order = order.filter(({ isGone }) => !isGone)
    gaps = 0
  }

  function find(key: Bytes): Entry | undefined {
    const entry = byKey.get(key)
    if (entry === undefined || entry.expiresAt > now()) return entry
    drop(entry)
    ledger.expired += 1
    return undefined
  }

  function touch(entry: Entry): void {
    usage.touch(entry)
    entry.usedAt = ++ledger.ticks
  }

  function create(key: Bytes, value: Value): Entry {
    const id = ++ledger.ticks
    const entry = { key, id, value, expiresAt: Infinity, version: id, usedAt: id, older: undefined, newer: undefined, bytes: 0, isGone: false }
    byKey.set(key, entry)
    usage.touch(entry)
    order.push(entry)
    return entry
  }

  function expireAt(entry: Entry, expiresAt: number): void {
    if (expiresAt === Infinity) mortal.delete(entry)
    else mortal.add(entry)
    entry.expiresAt = expiresAt
    entry.version = ++ledger.ticks
  }

  function put(key: Bytes, value: Value, expiresAt: number): Entry {
    const entry = find(key) ?? create(key, value)
    const bytes = weighEntry(key, value)
    ledger.usedBytes += bytes - entry.bytes
    entry.bytes = bytes
    entry.value = value
    expireAt(entry, expiresAt)
    touch(entry)
    return entry
  }

  /** @returns the place of the first entry that has this id or a higher one */
  function placeOf(id: number): number {
    let [low, high] = [0, order.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((order[middle]?.id ?? 0) < id) low = middle + 1
      else high = middle
    }
    return low
  }

  // From the newest to the oldest: what is written during a scan cannot keep it from its end.
  function page(cursor: number, count: number): { cursor: number; entries: Entry[] } {
    const entries: Entry[] = []
    // What expires on the way may have the order written anew.
    const places = order
    let at = (cursor === 0 ? places.length : placeOf(cursor)) - 1
    let last = 0
    for (let seen = 0; at >= 0 && seen < count; at--, seen++) {
      const entry = places[at]
      if (entry === undefined) continue
      last = entry.id
      if (!entry.isGone && find(entry.key) === entry) entries.push(entry)
    }
    return { cursor: at < 0 ? 0 : last, entries }
  }

  return {
    get size() {
      return byKey.size
    },
    get expiring() {
      return mortal.size
    },
    find,
    read(key) {
      const entry = find(key)
      ledger[entry === undefined ? 'misses' : 'hits'] += 1
      if (entry !== undefined) touch(entry)
      return entry
    },
    put,
    grew(entry, bytes) {
      entry.bytes += bytes
      ledger.usedBytes += bytes
      entry.version = ++ledger.ticks
    },
    expireAt,
    remove(key) {
      const entry = find(key)
      if (entry !== undefined) drop(entry)
      return entry !== undefined
    },
    page,
    entries: () => [...byKey.keys()].flatMap((key) => find(key) ?? []),
    clear() {
      for (const entry of byKey.values()) drop(entry)
      order = []
      gaps = 0
    },
    oldest: usage.oldest,
    evict(entry) {
      drop(entry)
      ledger.evicted += 1
    },
    dropExpired(tries) {
      const before = ledger.expired
      // Those that live on go to the end: a snapshot, or they would be met again.
      const looked: Entry[] = []
      for (const entry of mortal) if (looked.push(entry) === tries) break
      for (const entry of looked) {
        if (find(entry.key) === undefined) continue
        mortal.delete(entry)
        mortal.add(entry)
      }
      return ledger.expired - before
    },
  }
}
