import type { CallOptions, ReadOptions } from './types.ts'

/** The longest delay that timers take: 2^31 - 1 ms, 24.8 days; longer ones fire at once. */
export const MAX_DELAY = 2_147_483_647

/** @returns the same number. @throws RangeError where it is no time to live */
export function checkTtl(ttl: number, name = 'ttl'): number {
  // A ttl is no timer: Redis takes far more than timers do.
  if (!Number.isSafeInteger(ttl) || ttl < 1) {
    throw new RangeError(`${name}: expected whole milliseconds, 1 or more, got ${describe(ttl)}; leave it out for no expiry`)
  }
  return ttl
}

/**
 * A time to live that comes with data, and may be computed from it: rounded up, so that nothing ends early.
 *
 * @returns whole ms; 0 where it is over already
 * @throws RangeError where it is no finite number
 */
export function toTtl(ttl: unknown, name = 'ttl'): number {
  if (typeof ttl !== 'number' || !Number.isFinite(ttl)) {
    throw new RangeError(`${name}: expected milliseconds, got ${describe(ttl)}; leave it out for no expiry`)
  }
  // 285,000 years: Redis takes it.
  return ttl <= 0 ? 0 : Math.min(Math.ceil(ttl), Number.MAX_SAFE_INTEGER)
}

/** @throws TypeError where they are not names */
export function checkTags(tags: readonly string[]): void {
  if (!Array.isArray(tags)) throw new TypeError(`tags: expected an array of strings, got ${describe(tags)}`)
  for (const tag of tags as readonly unknown[]) {
    if (typeof tag !== 'string' || tag === '') throw new TypeError(`tags: expected strings that are not empty, got ${describe(tag)}`)
  }
}

/** @throws TypeError or RangeError where the options of one call are wrong */
export function checkCall(call: CallOptions): void {
  if (!isObject(call)) throw new TypeError(`options: expected an object, got ${describe(call)}`)
  if (call.timeout !== undefined) duration('timeout', call.timeout, 1)
  checkSignal(call.signal)
}

/** The same for a read. */
export function checkRead(call: ReadOptions): void {
  checkCall(call)
  if (call.memory !== undefined && typeof call.memory !== 'boolean')
    throw new TypeError(`memory: expected true or false, got ${describe(call.memory)}`)
}

/** By what it can do: on Vercel's edge that of a request is no instance of the global class. @throws TypeError where it is there and none */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || (isObject(signal) && 'aborted' in signal && 'addEventListener' in signal)) return
  throw new TypeError(`signal: expected an AbortSignal, got ${describe(signal)}`)
}

/** @throws TypeError where it is there and none */
export function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name}: expected a function, got ${describe(value)}`)
}

/** What was given is not told: it is a secret, or part of one. @throws TypeError where it is there and no string */
export function checkSecret(name: string, value: unknown): asserts value is string | undefined {
  if (value !== undefined && typeof value !== 'string') throw new TypeError(`${name}: expected a string`)
}

/** @returns the same number. @throws RangeError that names the option */
export function duration(name: string, value: unknown, least: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > MAX_DELAY) {
    throw new RangeError(`${name}: expected whole milliseconds from ${least} to ${MAX_DELAY}, got ${describe(value)}`)
  }
  return value
}

/** @returns the same number. @throws RangeError that names the option */
export function size(name: string, value: unknown, unit = 'bytes'): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`${name}: expected a whole number of ${unit}, 1 or more, got ${describe(value)}`)
}

/** @throws TypeError for an option that nobody knows */
export function refuseUnknown(prefix: string, given: object, names: readonly string[]): void {
  for (const name in given) {
    if (!names.includes(name) && Object.hasOwn(given, name)) throw new TypeError(`${prefix}${name}: unknown option. Known: ${names.join(', ')}`)
  }
}

/** Narrows to an object. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Numbers and short literals as they are; anything that might be a secret by its type only. */
export function describe(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
