import { ask, refusalOf } from '../ask.ts'
import type { Step } from '../step.ts'

/** ms that no expiry of a cache notices. */
const TOLERABLE = 1_000

/** How far the clock of this machine is from that of Redis. Entries carry their expiry as an instant. */
export const clock: Step = {
  name: 'clock',
  async run(visit) {
    const sentAt = Date.now()
    const reply = await ask(visit, 'TIME')
    const takenAt = Date.now()
    const [seconds, microseconds] = Array.isArray(reply) ? reply.map(Number) : []
    if (seconds === undefined || microseconds === undefined || !Number.isFinite(seconds + microseconds))
      return { status: 'skipped', finding: `the server does not tell (${refusalOf(reply)})` }
    const skew = skewOf(seconds * 1_000 + microseconds / 1_000, sentAt, takenAt)
    const finding = skew === 0 ? 'the same here and there' : `Redis is ${Math.abs(skew)} ms ${skew > 0 ? 'ahead' : 'behind'}`
    if (Math.abs(skew) < TOLERABLE) return { status: 'ok', finding }
    return { status: 'warning', finding, hint: 'Entries expire so much early or late: let both machines keep time by NTP' }
  },
}

/**
 * The answer was made at some instant between the two: only what lies outside is skew for sure.
 *
 * @param serverAt all three epoch ms
 */
export function skewOf(serverAt: number, sentAt: number, takenAt: number): number {
  if (serverAt < sentAt) return Math.round(serverAt - sentAt)
  return serverAt > takenAt ? Math.round(serverAt - takenAt) : 0
}
