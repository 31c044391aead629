import { CacheError } from '../../../errors.ts'
import { ask } from '../ask.ts'
import { explain } from '../explain.ts'
import type { Step } from '../step.ts'

const MOST = 100
const WARM_UP = 5
/** So many at least, whatever they take. */
const LEAST = 2
/** ms: where so many have been measured, this is long enough. */
const ENOUGH = 400

/** PING after PING: what one command costs once there is a connection. */
export const roundTrips: Step = {
  name: 'round trips',
  isTimed: true,
  async run(visit) {
    const startedAt = performance.now()
    const all: number[] = []
    while (all.length < LEAST || (all.length < MOST && performance.now() - startedAt < ENOUGH)) {
      const sentAt = performance.now()
      const reply = await ask(visit, 'PING')
      if (reply instanceof CacheError) return { status: 'failed', ...(await explain(reply, visit.target)) }
      all.push(performance.now() - sentAt)
    }
    // The first ones also pay for our own code being compiled.
    const roundTrips = all.slice(all.length > 2 * WARM_UP ? WARM_UP : 0)
    const [median, worst] = [percentile(roundTrips, 0.5), percentile(roundTrips, 0.99)]
    return { status: 'ok', finding: `median ${median.toFixed(1)} ms, p99 ${worst.toFixed(1)} ms of ${roundTrips.length}`, facts: { roundTrips } }
  },
}

/**
 * The nearest rank: always a value that was measured.
 *
 * @param share 0.5 is the median
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
