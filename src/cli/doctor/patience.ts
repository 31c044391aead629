/** How often as long as an answer took the visit may go on after it: the rest needs about so many round trips. */
const ROUND_TRIPS = 12

/**
 * How long the visit may take in all. A server that answers at all, but from far away, gets more; one that is broken does not:
 * what is said about it is said in time.
 */
export interface Patience {
  /** Epoch ms. */
  readonly deadlineAt: number
  /** ms, never negative. */
  readonly left: number
  /**
   * The other side answered.
   *
   * @param ms what it took
   * @param most ms since the start, to which this alone may stretch the visit; default: no bound
   */
  answeredIn(ms: number, most?: number): void
}

/** @param timeout ms until the first answer must be there */
export function createPatience(timeout: number, now: () => number = Date.now): Patience {
  const startedAt = now()
  let deadlineAt = startedAt + timeout
  return {
    get deadlineAt() {
      return deadlineAt
    },
    get left() {
      return Math.max(0, deadlineAt - now())
    },
    answeredIn(ms, most = Infinity) {
      deadlineAt = Math.max(deadlineAt, Math.min(now() + ms * ROUND_TRIPS, startedAt + most))
    },
  }
}
