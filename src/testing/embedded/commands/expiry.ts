import type { Call, Commands } from '../command.ts'
import { parseInstant, TIME_UNITS, type TimeOption } from '../lifetime.ts'
import { RedisError, type Reply } from '../reply.ts'

/** How long keys live. */
export const expiry: Commands = {
  EXPIRE: { arity: -3, run: (call) => expire(call, 'EX', 'expire') },
  PEXPIRE: { arity: -3, run: (call) => expire(call, 'PX', 'pexpire') },
  EXPIREAT: { arity: -3, run: (call) => expire(call, 'EXAT', 'expireat') },
  PEXPIREAT: { arity: -3, run: (call) => expire(call, 'PXAT', 'pexpireat') },
  TTL: { arity: 2, run: (call) => lifetime(call, (at, now) => Math.floor((at - now + 500) / 1_000)) },
  PTTL: { arity: 2, run: (call) => lifetime(call, (at, now) => at - now) },
  EXPIRETIME: { arity: 2, run: (call) => lifetime(call, (at) => Math.floor((at + 500) / 1_000)) },
  PEXPIRETIME: { arity: 2, run: (call) => lifetime(call, (at) => at) },
  PERSIST: { arity: 2, run: persist },
}

function expire({ keys, args: [key = '', time = '', ...words], state }: Call, unit: TimeOption, name: string): Reply {
  const conditions = readConditions(words)
  const at = parseInstant(time, TIME_UNITS[unit], state.now(), name)
  const entry = keys.find(key)
  if (entry === undefined) return 0
  // A key without expiry lives for ever: longer than any.
  const isAllowed = {
    NX: entry.expiresAt === Infinity,
    XX: entry.expiresAt !== Infinity,
    GT: at > entry.expiresAt,
    LT: at < entry.expiresAt,
  }
  if (!conditions.every((condition) => isAllowed[condition])) return 0
  if (at <= state.now()) keys.remove(key)
  else keys.expireAt(entry, at)
  return 1
}

type Condition = 'NX' | 'XX' | 'GT' | 'LT'

function readConditions(words: readonly string[]): readonly Condition[] {
  const conditions = words.map((word) => {
    const condition = word.toUpperCase()
    if (condition === 'NX' || condition === 'XX' || condition === 'GT' || condition === 'LT') return condition
    throw new RedisError(`ERR Unsupported option ${word}`)
  })
  const has = (condition: Condition): boolean => conditions.includes(condition)
  if (has('NX') && (has('XX') || has('GT') || has('LT'))) {
    throw new RedisError('ERR NX and XX, GT or LT options at the same time are not compatible')
  }
  if (has('GT') && has('LT')) throw new RedisError('ERR GT and LT options at the same time are not compatible')
  return conditions
}

/** @returns -2 where there is no such key, -1 where it has no expiry */
function lifetime({ keys, args: [key = ''], state }: Call, count: (expiresAt: number, now: number) => number): Reply {
  const entry = keys.find(key)
  if (entry === undefined) return -2
  return entry.expiresAt === Infinity ? -1 : count(entry.expiresAt, state.now())
}

function persist({ keys, args: [key = ''] }: Call): Reply {
  const entry = keys.find(key)
  if (entry === undefined || entry.expiresAt === Infinity) return 0
  keys.expireAt(entry, Infinity)
  return 1
}
