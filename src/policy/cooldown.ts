/** Remembers an outage as a few numbers; no timer, so that it may live at module scope in any runtime. */
export interface Cooldown {
  /**
   * May a connection be tried now? After a cooldown one caller is let through as the probe; the others stay out until it reports.
   *
   * @param isForced let through even during the cooldown
   * @returns a ticket to report with, or undefined where nobody may try
   */
  admit(isForced: boolean): number | undefined
  /** Whether `admit` would let nobody through. Changes nothing. */
  isOn(): boolean
  /** Whether the last that was heard is a failure: what comes after the cooldown is a probe. */
  isTripped(): boolean
  /**
   * The attempt failed.
   *
   * @returns for how long nothing is tried (ms), or undefined where the report is out of date or nothing is remembered
   */
  trip(ticket: number): number | undefined
  /**
   * An operation gave up before the full timeout. Waits without any answer in between add up to an outage, one after the other: a
   * hundred at the same time are one.
   *
   * @returns as `trip`
   */
  suspect(ticket: number, waited: number): number | undefined
  /** Whether a connection that answers, but is to the wrong server, may be replaced: at most once in the time of the first cooldown. */
  mayReplace(): boolean
  /** The attempt was answered. @returns true where this ended an outage */
  recover(ticket: number): boolean
}

/**
 * A cooldown with doubling and a single probe.
 *
 * @param first ms after the first failure; 0 remembers nothing
 * @param max ms, the most that doubling reaches
 * @param patience ms of waiting without an answer that count as an outage
 * @param now the clock, epoch ms
 */
export function createCooldown(first: number, max: number, patience: number, now: () => number): Cooldown {
  let span = 0
  let untilAt = 0
  let untilMonotonic = 0
  let replacedAt = -Infinity
  let waitedTotal = 0
  /** When a wait was last counted: of waits at the same time, each part counts once. */
  let waitedAt = -Infinity
  /** Reports of attempts that started before the last change of state carry an older ticket and are ignored. */
  let current = 0

  function isOn(): boolean {
    if (span === 0) return false
    const left = untilAt - now()
    // By both clocks: one that was set back must not stretch the cooldown, nor one that stood still in a frozen process.
    return left > 0 && left <= span && performance.now() < untilMonotonic
  }
  function begin(): void {
    untilAt = now() + span
    untilMonotonic = performance.now() + span
    current += 1
  }
  function mayReplace(): boolean {
    const elapsed = now() - replacedAt
    if (elapsed >= 0 && elapsed < Math.max(first, patience)) return false
    replacedAt = now()
    return true
  }
  function admit(isForced: boolean): number | undefined {
    if (span === 0) return current
    if (isOn() && !isForced) return undefined
    begin()
    return current
  }
  function trip(ticket: number): number | undefined {
    if (ticket !== current) return undefined
    waitedTotal = 0
    if (first === 0) return undefined
    span = span === 0 ? first : Math.min(span * 2, max)
    begin()
    return span
  }
  function suspect(ticket: number, waited: number): number | undefined {
    if (ticket !== current) return undefined
    const before = waitedAt
    waitedAt = now()
    waitedTotal += Math.min(waited, Math.abs(waitedAt - before))
    return waitedTotal >= patience ? trip(ticket) : undefined
  }
  function recover(ticket: number): boolean {
    if (ticket !== current) return false
    const wasOut = span > 0
    span = 0
    waitedTotal = 0
    return wasOut
  }
  return { admit, isOn, isTripped: () => span > 0, trip, suspect, mayReplace, recover }
}
