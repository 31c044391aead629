import { arityError, type Call, type Commands } from '../command.ts'
import { MAX_ARGUMENT } from '../decode-requests.ts'
import { parseInteger } from '../integer.ts'
import { parseLifetime, TIME_UNITS, type TimeOption, type TimeUnit } from '../lifetime.ts'
import { OK, RedisError, type Reply, syntaxError } from '../reply.ts'
import { stringAt } from '../typed.ts'

/** Strings, with their expiry. */
export const strings: Commands = {
  GET: { arity: 2, run: ({ keys, args: [key = ''] }) => stringAt(keys, key)?.value ?? null },
  SET: { arity: -3, grows: true, run: set },
  SETNX: { arity: 3, grows: true, run: ({ keys, args: [key = '', value = ''] }) => putIfNew(keys, [[key, value]]) },
  SETEX: { arity: 4, grows: true, run: (call) => setFor(call, 'EX', 'setex') },
  PSETEX: { arity: 4, grows: true, run: (call) => setFor(call, 'PX', 'psetex') },
  GETSET: { arity: 3, grows: true, run: ({ args: [key = '', value = ''], ...call }) => set({ ...call, args: [key, value, 'GET'] }) },
  GETDEL: { arity: 2, run: getAndDelete },
  GETEX: { arity: -2, run: getAndExpire },
  MGET: { arity: -2, run: ({ keys, args }) => args.map((key) => plainString(keys.read(key)?.value)) },
  MSET: { arity: -3, grows: true, run: ({ keys, args }) => pairs(args, 'mset').map(([key, value]) => keys.put(key, value, Infinity)) && OK },
  MSETNX: { arity: -3, grows: true, run: ({ keys, args }) => putIfNew(keys, pairs(args, 'msetnx')) },
  APPEND: { arity: 3, grows: true, run: append },
  SETRANGE: { arity: 4, grows: true, run: overwrite },
  STRLEN: { arity: 2, run: ({ keys, args: [key = ''] }) => stringAt(keys, key)?.value.length ?? 0 },
}

/** What is not a string is not there, for MGET. */
function plainString(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function set({ keys, args, state }: Call): Reply {
  const [key = '', value = '', ...words] = args
  const options = readOptions(words, ['NX', 'XX', 'GET', 'KEEPTTL'])
  if (options.flags.has('NX') && options.flags.has('XX')) throw syntaxError()
  const at = options.time && parseLifetime(options.time.text, options.time.unit, state.now(), 'set')
  const before = options.flags.has('GET') ? stringAt(keys, key)?.value : undefined
  const entry = keys.find(key)
  const isRefused = (options.flags.has('NX') && entry !== undefined) || (options.flags.has('XX') && entry === undefined)
  if (!isRefused) keys.put(key, value, at ?? (options.flags.has('KEEPTTL') ? (entry?.expiresAt ?? Infinity) : Infinity))
  if (options.flags.has('GET')) return before ?? null
  return isRefused ? null : OK
}

function setFor({ keys, args: [key = '', time = '', value = ''], state }: Call, unit: 'EX' | 'PX', name: string): Reply {
  keys.put(key, value, parseLifetime(time, TIME_UNITS[unit], state.now(), name))
  return OK
}

function putIfNew(keys: Call['keys'], entries: readonly (readonly [key: string, value: string])[]): number {
  if (entries.some(([key]) => keys.find(key) !== undefined)) return 0
  for (const [key, value] of entries) keys.put(key, value, Infinity)
  return 1
}

function getAndDelete({ keys, args: [key = ''] }: Call): Reply {
  const value = stringAt(keys, key)?.value
  keys.remove(key)
  return value ?? null
}

function getAndExpire({ keys, args: [key = '', ...words], state }: Call): Reply {
  const { flags, time } = readOptions(words, ['PERSIST'])
  const entry = stringAt(keys, key)
  if (entry === undefined) return null
  const { value } = entry
  if (time !== undefined) keys.expireAt(entry, parseLifetime(time.text, time.unit, state.now(), 'getex'))
  else if (flags.has('PERSIST')) keys.expireAt(entry, Infinity)
  return value
}

function append({ keys, args: [key = '', more = ''] }: Call): Reply {
  const entry = stringAt(keys, key)
  const value = (entry?.value ?? '') + more
  if (value.length > MAX_ARGUMENT) throw new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
  keys.put(key, value, entry?.expiresAt ?? Infinity)
  return value.length
}

/** Values are texts of one character a byte here. */
function overwrite({ keys, args: [key = '', offset = '', part = ''] }: Call): Reply {
  const from = Number(parseInteger(offset))
  if (from < 0) throw new RedisError('ERR offset is out of range')
  const entry = stringAt(keys, key)
  const value = entry?.value ?? ''
  if (part === '') return value.length
  if (from + part.length > MAX_ARGUMENT) throw new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
  const changed = value.padEnd(from, '\0').slice(0, from) + part + value.slice(from + part.length)
  keys.put(key, changed, entry?.expiresAt ?? Infinity)
  return changed.length
}

function pairs(args: readonly string[], name: string): (readonly [key: string, value: string])[] {
  if (args.length % 2 !== 0) throw arityError(name)
  return args.flatMap((key, index) => (index % 2 === 0 ? [[key, args[index + 1] ?? ''] as const] : []))
}

interface Options {
  readonly flags: ReadonlySet<string>
  readonly time: { readonly text: string; readonly unit: TimeUnit } | undefined
}

/** Reads what stands behind key and value. KEEPTTL, PERSIST and a time exclude each other. @throws RedisError */
function readOptions(words: readonly string[], known: readonly string[]): Options {
  const flags = new Set<string>()
  let time: Options['time']
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? '').toUpperCase()
    const next = words[at + 1]
    if (known.includes(word)) {
      flags.add(word)
    } else if (isTimeUnit(word) && next !== undefined && time === undefined) {
      time = { text: next, unit: TIME_UNITS[word] }
      at += 1
    } else {
      throw syntaxError()
    }
  }
  if (time !== undefined && (flags.has('KEEPTTL') || flags.has('PERSIST'))) throw syntaxError()
  return { flags, time }
}

function isTimeUnit(word: string): word is TimeOption {
  return Object.hasOwn(TIME_UNITS, word)
}
