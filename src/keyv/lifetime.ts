/** Which Keyv calls the store: 6 hands it an instant, 5 a time to live. */
export type KeyvMajor = 5 | 6

/** ms. As an instant March 1973, as a time to live three years: below it a number is no instant that anybody means. */
const EARLIEST_INSTANT = 100_000_000_000
/** ms. Less is no time to live that anybody means, but what is written for "long ago". */
const LEAST_TTL = 1_000

/** How long an entry is to be kept, in whole ms; `expired` where its time has passed. */
export type Lifetime = number | 'expired' | undefined

/**
 * What Keyv says about an entry's end as the store needs it: rounded up, so that nothing ends early; undefined for no expiry.
 *
 * @param given Keyv 6: epoch ms. Keyv 5: ms from now
 * @param now epoch ms
 * @param value what Keyv serialized: it names the same instant
 * @throws TypeError where Keyv 6 is expected and a time to live comes in: taken for an instant it would lose the entry; where text is no
 *   number: the entry would never end
 */
export function lifetimeOf(keyv: KeyvMajor, given: unknown, now: number, value: unknown): Lifetime {
  // Keyv 5 hands over what it was given, and Redis takes a number in text.
  if (typeof given === 'string') return lifetimeOf(keyv, fromText(given), now, value)
  if (typeof given !== 'number' || !Number.isFinite(given)) return undefined
  if (keyv === 5) return given === 0 ? undefined : toLifetime(given)
  if (given >= LEAST_TTL && given < EARLIEST_INSTANT && !names(value, given)) throw new TypeError(wrongKeyv(`a relative ttl (${given})`))
  return toLifetime(given - now)
}

/** Whether an entry says itself that it ends then: long ago, but meant. */
function names(value: unknown, expires: number): boolean {
  return typeof value === 'string' && value.includes(`"expires":${expires}`)
}

function fromText(text: string): number {
  const ms = Number(text)
  if (Number.isNaN(ms)) throw new TypeError('ttl: expected milliseconds, got text that is no number')
  return ms
}

/** What to say where the store speaks Keyv 6 and Keyv 5 calls it. @param evidence what gave it away */
export function wrongKeyv(evidence: string): string {
  return `KeyvFastmiss speaks Keyv 6 and got ${evidence}, as from Keyv 5. Write: new KeyvFastmiss(url, { keyv: 5 })`
}

function toLifetime(ms: number): Lifetime {
  if (ms <= 0) return 'expired'
  // Beyond that Redis refuses, and 285,000 years are no expiry.
  return ms > Number.MAX_SAFE_INTEGER ? undefined : Math.ceil(ms)
}
