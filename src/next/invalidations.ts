import type { CacheOperations } from '../facade/operations.ts'
import { createBoundedMap } from '../policy/bounded-map.ts'

/** Tags that Next.js revalidates. */
export interface Invalidations {
  /**
   * @param durations `expire`: seconds for which entries may be served stale; 0, or no durations at all: they are gone at once. No
   *   `expire`: as long as they are kept
   */
  revalidate(tags: readonly string[], durations?: { readonly expire?: number | undefined }): Promise<void>
  /**
   * Whether Redis has confirmed all of them. What it has not is told once more: Next.js does not ask twice, and in an outage they would
   * be lost.
   */
  areTold(): Promise<boolean>
  /** Whether this process revalidated one of the tags within so many ms. */
  touched(tags: readonly string[], within: number): boolean
}

const MAX_TAGS = 10_000

export function createInvalidations(cache: CacheOperations): Invalidations {
  /** What Redis has not confirmed: undefined where entries are to be gone, ms for which they may be stale. */
  const owed = new Map<string, number | undefined>()
  const touchedAt = createBoundedMap<number>(MAX_TAGS, Infinity)

  async function revalidate(tags: readonly string[], durations?: { readonly expire?: number | undefined }): Promise<void> {
    const names = [...new Set(tags)].filter((tag) => tag !== '')
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

  async function tell(names: readonly string[], staleFor: number | undefined): Promise<boolean> {
    const isTold = await (staleFor === undefined ? cache.invalidateTags(names) : cache.expireTags(names, staleFor === Infinity ? {} : { staleFor }))
    if (isTold) for (const name of names) if (owed.get(name) === staleFor) owed.delete(name)
    return isTold
  }

  async function areTold(): Promise<boolean> {
    if (owed.size === 0) return true
    const byDuration = new Map<number | undefined, string[]>()
    for (const [name, staleFor] of owed) {
      const names = byDuration.get(staleFor)
      if (names === undefined) byDuration.set(staleFor, [name])
      else names.push(name)
    }
    const told = await Promise.all([...byDuration].map(([staleFor, names]) => tell(names, staleFor)))
    return told.every(Boolean)
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
