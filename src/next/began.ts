import { createBoundedMap } from '../policy/bounded-map.ts'
import type { Versions } from '../store/tags.ts'

/** What was known before a value began to be made. */
export interface Beginning {
  /** ms, by {@link instant}. */
  readonly at: number
  /** Tags of who asked. */
  readonly names: readonly string[]
  /** Versions of tags that were read then. */
  readonly versions: Versions | undefined
  /** A ticket of the copies, where there are any. */
  readonly since: number | undefined
}

/** Who asked for a key, and so may make its value. Next.js does not say so when it stores what it made. */
export interface Beginnings {
  /** @param isFresh whether there was a fresh value: then it is made anew only on demand */
  note(key: string, beginning: Beginning, isFresh: boolean): void
  /** What was noted; it is gone then. */
  take(key: string): Beginning | undefined
}

const MAX_KEYS = 10_000
/** ms; nobody renders for longer, and who asked before that has failed. */
const LONGEST = 300_000

/** By which Next.js stamps its entries. */
export function instant(): number {
  return performance.timeOrigin + performance.now()
}

export function createBeginnings(): Beginnings {
  /** Of several who found nothing fresh, the first may be the one who makes it. */
  const first = createBoundedMap<Beginning>(MAX_KEYS, Infinity)
  /** Whoever found a fresh value did so before its tags were revalidated, so that the last will do. */
  const last = createBoundedMap<Beginning>(MAX_KEYS, Infinity)
  return {
    note(key, beginning, isFresh) {
      if (isFresh) return void last.set(key, beginning, 0)
      const known = first.get(key)
      if (known === undefined || beginning.at - known.at > LONGEST) first.set(key, beginning, 0)
    },
    take(key) {
      const known = first.get(key) ?? last.get(key)
      first.delete(key)
      return known
    },
  }
}
