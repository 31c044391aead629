import type { Call, Commands } from '../command.ts'
import { glob } from '../glob.ts'
import { parseInteger } from '../integer.ts'
import type { Entry } from '../entry.ts'
import { OK, RedisError, type Reply, syntaxError } from '../reply.ts'

/** Keys, whatever stands behind them. */
export const keyCommands: Commands = {
  DEL: { arity: -2, run: remove },
  UNLINK: { arity: -2, run: remove },
  EXISTS: { arity: -2, run: ({ keys, args }) => args.filter((key) => keys.find(key) !== undefined).length },
  TOUCH: { arity: -2, run: ({ keys, args }) => args.filter((key) => keys.read(key) !== undefined).length },
  TYPE: { arity: 2, run: ({ keys, args: [key = ''] }) => ({ status: typeOf(keys.find(key)) }) },
  KEYS: { arity: 2, run: ({ keys, args: [pattern = ''] }) => keys.entries().map(keyOf).filter(glob(pattern)) },
  SCAN: { arity: -2, run: scan },
  DBSIZE: { arity: 1, run: ({ keys }) => keys.size },
  FLUSHDB: { arity: -1, run: ({ keys, args }) => flush([keys], args) },
  FLUSHALL: { arity: -1, run: ({ state, args }) => flush(state.databases, args) },
}

function keyOf({ key }: Entry): string {
  return key
}

function remove({ keys, args }: Call): Reply {
  return args.filter((key) => keys.remove(key)).length
}

function typeOf(entry: Entry | undefined): string {
  if (entry === undefined) return 'none'
  if (typeof entry.value === 'string') return 'string'
  return entry.value instanceof Set ? 'set' : 'hash'
}

function scan({ keys, args: [cursorText = '', ...words] }: Call): Reply {
  const from = parseCursor(cursorText)
  const { count, fits, type } = readScanOptions(words)
  const { cursor, entries } = keys.page(from, count)
  return [String(cursor), entries.filter((entry) => fits(entry.key) && (type === undefined || typeOf(entry) === type)).map(keyOf)]
}

/** As strtoul reads it: nothing is 0, and beyond 64 bits there is none. @throws RedisError */
function parseCursor(text: string): number {
  if (!/^[+-]?\d*$/.test(text) || Math.abs(Number(text)) >= 2 ** 64) throw new RedisError('ERR invalid cursor')
  return Math.abs(Number(text))
}

interface ScanOptions {
  count: number
  fits: (key: string) => boolean
  type: string | undefined
}

function readScanOptions(words: readonly string[]): ScanOptions {
  const options: ScanOptions = { count: 10, fits: () => true, type: undefined }
  for (let at = 0; at < words.length; at += 2) {
    const [name = '', value] = words.slice(at, at + 2)
    if (value === undefined) throw syntaxError()
    const option = name.toUpperCase()
    if (option === 'COUNT') {
      options.count = Number(parseInteger(value))
      if (options.count < 1) throw syntaxError()
    } else if (option === 'MATCH') {
      options.fits = glob(value)
    } else if (option === 'TYPE') {
      options.type = value.toLowerCase()
    } else {
      throw syntaxError()
    }
  }
  return options
}

/** Both words mean the same here. */
function flush(databases: readonly Call['keys'][], words: readonly string[]): Reply {
  if (words.length > 1 || !words.every((word) => ['SYNC', 'ASYNC'].includes(word.toUpperCase()))) throw syntaxError()
  for (const keys of databases) keys.clear()
  return OK
}
