import { internalsOf } from '../facade/internals.ts'
import type { CacheOperations } from '../facade/operations.ts'
import type { CallOptions } from '../options/types.ts'
import { createBoundedMap } from '../policy/bounded-map.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'

/** Tags that Next.js revalidates. */
export interface Invalidations {
  /**
   * @param durations `expire`: seconds for which entries may be served stale; 0, or no durations at all: they are gone at once. No
   *   `expire`: as long as they are kept
   */
  revalidate(tags: readonly string[], durations?: { readonly expire?: number | undefined }): Promise<void>
  /**
   * Whether Redis has confirmed all of them. What it has not is told once more, by one who asks at a time and within the timeout: Next.js
   * does not ask twice, and in an outage they would be lost.
   */
  areTold(): Promise<boolean>
  /** Whether this process revalidated one of the tags within so many ms. */
  touched(tags: readonly string[], within: number): boolean
}

const MAX_TAGS = 10_000
/** Tags that are told again at once: what Redis has confirmed of many is not told a third time. */
const CHUNK = 250
/** ms. Whoever tells may be ended with its request; after this the next one does. */
const LONGEST_TELLING = 10_000

export function createInvalidations(cache: CacheOperations): Invalidations {
  /** What Redis has not confirmed: undefined where entries are to be gone, ms for which they may be stale. */
  const owed = new Map<string, number | undefined>()
  const touchedAt = createBoundedMap<number>(MAX_TAGS, Infinity)
  const { options, tags: tagsOf, now } = internalsOf(cache)
  let tellingSince = -Infinity

  async function revalidate(tags: readonly string[], durations?: { readonly expire?: number | undefined }): Promise<void> {
    // What cannot be a tag is none of any entry; and Redis would never confirm it.
    const names = [...new Set(tags)].filter((tag) => tag !== '' && tagsOf().refusal([tag]) === undefined)
    if (names.length === 0) return
    const staleFor = staleForOf(durations)
    const at = performance.now()
    for (const name of names) touchedAt.set(name, at, 0)
    if (!(await tell(names, staleFor))) for (const name of names) owe(name, staleFor)
  }

  function owe(name: string, staleFor: number | undefined): void {
    // Being gone is more than being stale.
    if (owed.has(name) && owed.get(name) === undefined) return
    if (owed.size >= MAX_TAGS) owed.delete(owed.keys().next().value ?? '')
    owed.set(name, staleFor)
  }

  async function tell(names: readonly string[], staleFor: number | undefined, call: CallOptions = {}): Promise<boolean> {
    const isTold = await (staleFor === undefined
      ? cache.invalidateTags(names, call)
      : cache.expireTags(names, staleFor === Infinity ? call : { ...call, staleFor }))
    if (isTold) for (const name of names) if (owed.get(name) === staleFor) owed.delete(name)
    return isTold
  }

  async function areTold(): Promise<boolean> {
    if (owed.size === 0) return true
    // Each of many readers would tell all of them, and none would be done in time. Meanwhile there is nothing that may be served.
    if (performance.now() - tellingSince < LONGEST_TELLING) return false
    tellingSince = performance.now()
    try {
      return await tellAll()
    } finally {
      tellingSince = -Infinity
    }
  }

  async function tellAll(): Promise<boolean> {
    const elapsed = startClock(now)
    while (owed.size > 0) {
      const timeout = Math.floor(timeLeft(options.timeout, elapsed()))
      if (timeout === 0 || !(await tell(...chunk(), { timeout }))) return false
    }
    return true
  }

  /** Some of those that are to come to the same. */
  function chunk(): [names: readonly string[], staleFor: number | undefined] {
    const [first] = owed.values()
    const names: string[] = []
    for (const [name, staleFor] of owed) if (staleFor === first && names.push(name) === CHUNK) break
    return [names, first]
  }

  return {
    revalidate,
    areTold,
    touched: (tags, within) => tags.some((tag) => performance.now() - (touchedAt.get(tag) ?? -Infinity) < within),
  }
}

/** ms; undefined: gone at once. */
function staleForOf(durations: { readonly expire?: number | undefined } | undefined): number | undefined {
  if (durations === undefined) return undefined
  const { expire = Infinity } = durations
  if (!(expire > 0)) return undefined
  const ms = Math.ceil(expire * 1_000)
  return Number.isSafeInteger(ms) ? ms : Infinity
}
