/** The time of a test cache, in the test's hand. */
export interface TestClock {
  /** Epoch ms. */
  now(): number
  /**
   * Lets time pass at once: entries expire, cooldowns end. No timer of the runtime fires by it.
   *
   * @param ms whole milliseconds, 0 or more
   * @throws RangeError for anything else
   */
  advance(ms: number): void
}

/**
 * @param follows a clock that goes on by itself, epoch ms; without one, time stands still between two calls of `advance`
 */
export function createTestClock(follows: (() => number) | undefined): TestClock {
  const startedAt = Date.now()
  let ahead = 0

  function advance(ms: number): void {
    if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError(`advance: expected whole milliseconds, 0 or more, got ${String(ms)}`)
    ahead += ms
  }
  return { now: () => (follows?.() ?? startedAt) + ahead, advance }
}
