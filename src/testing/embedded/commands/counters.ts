import type { Call, Commands } from '../command.ts'
import { isInt64, parseInteger } from '../integer.ts'
import { RedisError, type Reply } from '../reply.ts'
import { stringAt } from '../typed.ts'

/** Strings that are numbers of 64 bits. */
export const counters: Commands = {
  INCR: { arity: 2, grows: true, run: (call) => add(call, 1n) },
  DECR: { arity: 2, grows: true, run: (call) => add(call, -1n) },
  INCRBY: { arity: 3, grows: true, run: (call) => add(call, parseInteger(call.args[1] ?? '')) },
  DECRBY: { arity: 3, grows: true, run: (call) => add(call, negated(call.args[1] ?? '')) },
}

function negated(text: string): bigint {
  const value = -parseInteger(text)
  if (!isInt64(value)) throw new RedisError('ERR decrement would overflow')
  return value
}

function add({ keys, args: [key = ''] }: Call, step: bigint): Reply {
  const entry = stringAt(keys, key)
  const sum = parseInteger(entry?.value ?? '0') + step
  if (!isInt64(sum)) throw new RedisError('ERR increment or decrement would overflow')
  keys.put(key, String(sum), entry?.expiresAt ?? Infinity)
  return sum
}
