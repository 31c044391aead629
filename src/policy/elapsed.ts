/**
 * Measures from now on by two clocks: the system's may be set back, and the monotonic one stands still in a frozen process.
 *
 * @param now the system's clock, epoch ms
 * @returns ms since then, by whichever clock says more
 */
export function startClock(now: () => number): () => number {
  const at = now()
  const monotonicAt = performance.now()
  return () => Math.max(now() - at, performance.now() - monotonicAt)
}

/**
 * What is left (ms) of a bound for one more round trip: never more than the bound, though a clock was set back. 0 where it is less than
 * timers can tell: then nothing is asked any more.
 */
export function timeLeft(bound: number, elapsed: number): number {
  const left = Math.min(bound, bound - elapsed)
  return left < 1 ? 0 : left
}
