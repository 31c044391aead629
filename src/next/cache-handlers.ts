import { instant } from './began.ts'
import { type NextRuntime, open } from './open.ts'
import { bytesOf, streamOf } from './streams.ts'
import type { NextOptionsGiven, UseCacheEntry, UseCacheHandler } from './types.ts'

/** What is stored of an entry. Instants are epoch ms, durations seconds, as Next.js has them; no number: for ever. */
interface Stored {
  readonly bytes: Uint8Array
  readonly tags: readonly string[]
  readonly stale: number | null
  readonly timestamp: number
  readonly expire: number | null
  readonly revalidate: number | null
}

/** @throws TypeError or RangeError that names the option, what was given and what is allowed */
export function createCacheHandlers(given: NextOptionsGiven, runtime: NextRuntime): UseCacheHandler {
  const { entries } = open(given, runtime)
  /** Writes of this process whose value is not complete yet: who asks for the key waits for it, as Next.js expects. */
  const pending = new Map<string, Promise<void>>()

  async function write(key: string, coming: Promise<UseCacheEntry>): Promise<void> {
    const entry = await coming.catch(() => undefined)
    if (entry === undefined) return
    const { value, tags, stale, timestamp, expire, revalidate } = entry
    const bytes = await bytesOf(value)
    // What is over at once is made anew by each reader.
    if (bytes === undefined || !(expire > 0)) return
    const stored = { bytes, tags, stale: finite(stale), timestamp, expire: finite(expire), revalidate: finite(revalidate) } satisfies Stored
    const keepFor = Number.isFinite(expire) ? timestamp + expire * 1_000 - instant() : undefined
    if (keepFor !== undefined && keepFor <= 0) return
    await entries.write(`use:${key}`, { value: stored, tags, keepFor, beganAt: timestamp })
  }

  return {
    async get(key, softTags) {
      await pending.get(key)
      const found = await entries.read(`use:${key}`, softTags, isFresh)
      return found && toEntry(found.value, found.isStale)
    },
    async set(key, coming) {
      const writing = write(key, coming)
      pending.set(key, writing)
      try {
        await writing
      } finally {
        if (pending.get(key) === writing) pending.delete(key)
      }
    },
    /** Each read asks for the versions of its tags: there is no list to be brought up to date. */
    refreshTags: async () => {},
    receiveExpiredTags: async () => {},
    getExpiration: async () => Infinity,
    updateTags: (tags, durations) => entries.revalidate(tags, durations),
    expireTags: (...tags) => entries.revalidate(tags),
  }
}

function isFresh(value: object): boolean {
  const { timestamp, revalidate } = value as Partial<Stored>
  return timestamp !== undefined && (typeof revalidate !== 'number' || instant() <= timestamp + revalidate * 1_000)
}

/** @returns undefined where it is none */
function toEntry({ bytes, tags, stale, timestamp, expire, revalidate }: Partial<Stored>, isStale: boolean): UseCacheEntry | undefined {
  if (!(bytes instanceof Uint8Array) || tags === undefined || timestamp === undefined) return undefined
  return {
    value: streamOf(bytes),
    tags: [...tags],
    stale: stale ?? Infinity,
    timestamp,
    expire: expire ?? Infinity,
    revalidate: isStale ? -1 : (revalidate ?? Infinity),
  }
}

/** JSON knows no Infinity. */
function finite(seconds: number): number | null {
  return Number.isFinite(seconds) ? seconds : null
}
