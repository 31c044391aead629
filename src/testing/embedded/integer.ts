import { type Bytes, RedisError } from './reply.ts'

const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n] as const

/** @returns whether it fits into the 64 bits of a number in Redis */
export function isInt64(value: bigint): boolean {
  return value >= LEAST && value <= MOST
}

/** Reads a number as Redis writes it: no sign +, no leading zero, no space, 64 bits. @throws RedisError where it is none */
export function parseInteger(text: Bytes, message = 'ERR value is not an integer or out of range'): bigint {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw new RedisError(message)
  const value = BigInt(text)
  if (!isInt64(value)) throw new RedisError(message)
  return value
}
