import { createCache } from '../../../index.ts'
import { resolveMemory } from '../../../options/memory.ts'
import { memory } from '../../../transport/memory/memory.ts'
import type { Step } from '../step.ts'
import { percentile } from './round-trips.ts'

const ENTRY = { name: 'an entry of 1 KiB', text: 'x'.repeat(1_000) }
const CALLS = 500
const WARM_UP = 100

/** What copies in memory would save here, and what they cost in freshness: an option of the application, so that it is advice alone. */
export const copies: Step = {
  name: 'copies',
  async run({ facts: { roundTrips = [] } }) {
    const defaults = resolveMemory(true)
    if (roundTrips.length === 0 || defaults === undefined) return { status: 'skipped', finding: 'nothing was measured' }
    const [hit, trip] = [await hitFromMemory(), percentile(roundTrips, 0.5)]
    const { ttl, outage, entries, bytes } = defaults
    return {
      status: 'ok',
      finding: `with memory: true a hit from memory takes ${hit.toFixed(3)} ms here, one from Redis ${trip.toFixed(1)} ms and more; off by default`,
      hint: `Copies answer an outage for ${outage / 60_000} min; a change made elsewhere is seen at most ${ttl / 1_000} s later; ${entries} entries, ${bytes / 1_048_576} MiB`,
    }
  },
}

/** @returns ms, the median; no connection is involved */
async function hitFromMemory(): Promise<number> {
  const cache = createCache({ transport: memory(), memory: true })
  await cache.set('key', ENTRY)
  const taken: number[] = []
  for (let call = 0; call < WARM_UP + CALLS; call++) {
    const startedAt = performance.now()
    await cache.get('key')
    taken.push(performance.now() - startedAt)
  }
  await cache.close()
  return percentile(taken.slice(WARM_UP), 0.5)
}
