import type { CacheSettings } from './rehearsal.ts'

/** What the cooldown allows while nothing answers. */
export interface Attempts {
  /** So many operations may try at most. */
  readonly count: number
  /** ms for which nothing is tried after the last of them. */
  readonly wait: number
}

/**
 * The most attempts in a span of outage: each fails at once, and the next one comes as soon as the cooldown lets it.
 *
 * @param span ms
 */
export function attemptsWithin({ cooldown, maxCooldown }: CacheSettings, span: number): Attempts {
  // Without a cooldown nothing is promised to be remembered; the drill then shows what that costs.
  if (cooldown === 0) return { count: 1, wait: 0 }
  let count = 0
  let wait = 0
  for (let at = 0; at <= span; at += wait) {
    count += 1
    wait = wait === 0 ? cooldown : Math.min(wait * 2, maxCooldown)
  }
  return { count, wait }
}
