import { CacheError } from '../../../errors.ts'
import { resolveOptions } from '../../../options/resolve-options.ts'
import { ask } from '../ask.ts'
import { openTransport } from '../open-transport.ts'
import type { Step, Suggestion, Visit } from '../step.ts'
import { percentile } from './round-trips.ts'

/** What is measured once, from here, on a quiet day, is not the worst that a healthy server does. */
const RESERVE = 4
/** ms: below this a busy event loop, or one collection of garbage, would pass for an outage. */
const LEAST = 50

/** The options that fit what was measured: a healthy answer makes it with some room, and an outage costs no more than it must. */
export const timeouts: Step = {
  name: 'timeouts',
  async run(visit) {
    const { coldMs, roundTrips = [] } = visit.facts
    if (coldMs === undefined || roundTrips.length === 0) return { status: 'skipped', finding: 'nothing was measured' }
    const suggestion = suggest(Math.min(coldMs, await coldAgain(visit)), percentile(roundTrips, 0.99), visit.target.wire === 'tcp')
    const { timeout: usual } = resolveOptions({ url: 'memory:' })
    const text = Object.entries(suggestion).map(([name, ms]) => `${name}: ${ms}`)
    const finding = `measured from here: { ${text.join(', ')} }`
    if (suggestion.timeout <= usual) return { status: 'ok', finding: `${finding}; the default of ${usual} will do`, facts: { suggestion } }
    const hint = `The default of ${usual} is short for this distance: set these options, or bring Redis and code into one region`
    return { status: 'warning', finding, hint, facts: { suggestion } }
  },
}

/** A second cold exchange: the first one also paid for our own code being compiled. @returns ms; Infinity where it failed */
async function coldAgain(visit: Visit): Promise<number> {
  const connection = await openTransport(visit.target, visit.patience.left)
  visit.onEnd(() => connection.close())
  const startedAt = performance.now()
  const reply = await ask({ ...visit, facts: { connection } }, 'PING')
  return reply instanceof CacheError ? Infinity : performance.now() - startedAt
}

/**
 * @param coldMs the first exchange, connection included
 * @param worstMs a bad round trip over an open connection
 */
export function suggest(coldMs: number, worstMs: number, hasConnections: boolean): Suggestion {
  const connectTimeout = roundUp(Math.max(LEAST, coldMs * RESERVE))
  const timeout = roundUp(connectTimeout + Math.max(LEAST, worstMs * RESERVE))
  return hasConnections ? { timeout, connectTimeout } : { timeout }
}

function roundUp(ms: number): number {
  const step = ms < 1_000 ? 50 : 250
  return Math.ceil(ms / step) * step
}
