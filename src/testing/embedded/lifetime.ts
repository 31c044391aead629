import { isInt64, parseInteger } from './integer.ts'
import { type Bytes, RedisError } from './reply.ts'

/** How a command counts a time: in seconds or milliseconds, from now or from 1970. */
export interface TimeUnit {
  readonly factor: 1n | 1_000n
  readonly isAbsolute: boolean
}

/** Seconds or milliseconds from now, or as an instant. */
export type TimeOption = 'EX' | 'PX' | 'EXAT' | 'PXAT'

/** The options of SET and GETEX, and the commands that are named after them. */
export const TIME_UNITS: Readonly<Record<TimeOption, TimeUnit>> = {
  EX: { factor: 1_000n, isAbsolute: false },
  PX: { factor: 1n, isAbsolute: false },
  EXAT: { factor: 1_000n, isAbsolute: true },
  PXAT: { factor: 1n, isAbsolute: true },
}

/**
 * Reads a time as an instant.
 *
 * @param name of the command, for the error
 * @returns epoch ms; it may lie in the past
 * @throws RedisError where it is no number, or beyond 64 bits of milliseconds
 */
export function parseInstant(text: Bytes, { factor, isAbsolute }: TimeUnit, now: number, name: string): number {
  const at = parseInteger(text) * factor + (isAbsolute ? 0n : BigInt(now))
  if (!isInt64(at)) throw invalidExpiry(name)
  return Number(at)
}

/** The same for a value that is being stored: it must live. @throws RedisError where the time is not positive */
export function parseLifetime(text: Bytes, unit: TimeUnit, now: number, name: string): number {
  if (parseInteger(text) <= 0n) throw invalidExpiry(name)
  return parseInstant(text, unit, now, name)
}

function invalidExpiry(name: string): RedisError {
  return new RedisError(`ERR invalid expire time in '${name}' command`)
}
