import type { TagVersion } from '../entry/entry.ts'
import type { CacheError } from '../errors.ts'
import type { Change } from './store.ts'

/** Versions that are gone make entries invalid, so that they may end, and entries with tags end with them. 30 days. */
export const VERSION_MS = 2_592_000_000
/** What a version begins with: made because there was none, or by an invalidation. */
const MADE = 'n'
const INVALIDATED = 'i'
/**
 * A letter and a UUID. What stands behind tells when the tag's entries were last expired: a letter, the instant, another UUID, and for how
 * long they may be served stale. It is always as long, since it is written over what was there.
 */
const VERSION_LENGTH = 37
const EXPIRED = /^e(\d{15})(?:[\da-f-]{36}w(\d{15}))?/
const DIGITS = 15
/** ms; as good as for ever: their own windows end before. */
const NO_END = 999_999_999_999_999

/** Makes a version where there is none. */
export function madeVersion(key: string): Change & { readonly ifAbsent: true } {
  return { key, text: MADE + crypto.randomUUID(), ttl: VERSION_MS, ifAbsent: true }
}

/** Makes every entry with the tag invalid. */
export function invalidation(key: string): Change {
  return { key, text: INVALIDATED + crypto.randomUUID(), ttl: VERSION_MS }
}

/**
 * Makes every entry with the tag stale. The version stays what it is and only what stands behind it is replaced, in one step: of an
 * expiry and an invalidation at the same time, the invalidation holds.
 *
 * @param at epoch ms
 * @param staleFor ms from then on, after which they are gone; undefined: when their own windows end
 */
export function expiry(key: string, at: number, staleFor: number = NO_END): readonly Change[] {
  const part = `e${digits(at)}${crypto.randomUUID()}w${digits(Math.min(staleFor, NO_END))}`
  return [madeVersion(key), { key, from: VERSION_LENGTH, part }, { key, renewedFor: VERSION_MS }]
}

/** Whether nobody has invalidated or expired the tag since its version was made. */
export function isUntouched(version: string): boolean {
  return version.startsWith(MADE) && version.length === VERSION_LENGTH
}

/**
 * Until when an entry is fresh by its tags. The windows after that are those of the entry.
 *
 * @param stored versions that the entry was stored under
 * @param currentOf the version that a tag has now
 * @param at now, epoch ms
 * @returns Infinity where nothing has happened; epoch ms, not later than now, where a tag was expired; -Infinity where one was
 *   invalidated, or has no version
 */
export function freshByTags(stored: readonly TagVersion[], currentOf: (tag: string) => string | undefined, at: number): number {
  let until = Infinity
  for (const [tag, version] of stored) {
    const current = currentOf(tag)
    if (current !== version) until = Math.min(until, expiredAt(version, current, at))
  }
  return until
}

/** By the clock of who expired it, which may be ahead of ours. */
function expiredAt(version: string, current: string | undefined, at: number): number {
  if (current?.slice(0, VERSION_LENGTH) !== version.slice(0, VERSION_LENGTH)) return -Infinity
  return expiredSince(current, at)
}

/** When the tag's entries were last expired, not later than now; -Infinity where that is no word on them any more. */
function expiredSince(version: string, at: number): number {
  const [, instant, staleFor = NO_END] = EXPIRED.exec(version.slice(VERSION_LENGTH)) ?? []
  if (instant === undefined || at - Number(instant) >= Number(staleFor)) return -Infinity
  return Math.min(Number(instant), at)
}

/**
 * The same for a tag that an entry does not depend on for everybody.
 *
 * @param before the version that was read before the value was made; empty where there was none
 * @param current a version that somebody has touched
 */
export function freshByVersion(before: string, current: string, at: number): number {
  if (before === current || isUntouched(current)) return Infinity
  const isInvalidated = current.startsWith(INVALIDATED) && before.slice(0, VERSION_LENGTH) !== current.slice(0, VERSION_LENGTH)
  return isInvalidated ? -Infinity : expiredSince(current, at)
}

function digits(number: number): string {
  return String(number).padStart(DIGITS, '0')
}

/** What came of the commands of one tag: the first failure, where there is one. */
export function outcomeOf(outcomes: readonly (boolean | CacheError)[]): boolean | CacheError {
  return outcomes.find((outcome) => typeof outcome !== 'boolean') ?? true
}
