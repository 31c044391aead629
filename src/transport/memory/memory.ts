import { CacheError } from '../../errors.ts'
import { createBoundedMap } from '../../policy/bounded-map.ts'
import type { Command, Reply, Transport } from '../transport.ts'

/** Bounds of the map; whichever is reached first evicts the least recently used. */
export interface MemoryOptions {
  /** Default 10,000. */
  readonly maxEntries?: number
  /** Keys and values, two bytes a UTF-16 unit. Default 67,108,864 (64 MiB). */
  readonly maxBytes?: number
  /** The clock, epoch ms. Default: the system's. */
  readonly now?: () => number
}

interface Stored {
  readonly text: string
  /** Epoch ms; Infinity without expiry. */
  readonly expiresAt: number
}

/**
 * A bounded map in this process that answers the commands of the store, for tests, demos and local work.
 * It is not shared between isolates and never a fall back for a Redis that cannot be reached.
 */
export function memory({ maxEntries = 10_000, maxBytes = 67_108_864, now = () => Date.now() }: MemoryOptions = {}): Transport {
  const map = createBoundedMap<Stored>(maxEntries, maxBytes)

  function live(key: string): Stored | undefined {
    const stored = map.get(key)
    if (stored === undefined || stored.expiresAt > now()) return stored
    map.delete(key)
    return undefined
  }

  function set([key = '', text = '', ...flags]: Command): Reply {
    const isNew = live(key) === undefined
    if (flags.includes('NX') && !isNew) return null
    if (flags.includes('XX') && isNew) return null
    const at = flags.indexOf('PX')
    const expiresAt = at === -1 ? Infinity : now() + Number(flags[at + 1])
    return put(key, { text, expiresAt }) ?? 'OK'
  }

  /** @returns undefined where it is kept */
  function put(key: string, stored: Stored): CacheError | undefined {
    const isKept = map.set(key, stored, 2 * (key.length + stored.text.length))
    return isKept ? undefined : new CacheError('reply', 'memory: the entry is larger than all there is room for')
  }

  function append(key: string, more: string): Reply {
    const stored = live(key)
    const text = (stored?.text ?? '') + more
    return put(key, { text, expiresAt: stored?.expiresAt ?? Infinity }) ?? text.length
  }

  function take(key: string): Reply {
    const text = live(key)?.text ?? null
    map.delete(key)
    return text
  }

  /** Characters, where Redis counts bytes: the store overwrites ASCII alone. */
  function overwrite(key: string, from: number, part: string): Reply {
    const stored = live(key)
    const text = (stored?.text ?? '').padEnd(from, '\0')
    const changed = text.slice(0, from) + part + text.slice(from + part.length)
    return put(key, { text: changed, expiresAt: stored?.expiresAt ?? Infinity }) ?? changed.length
  }

  function expire(key: string, ttl: number): Reply {
    const stored = live(key)
    return stored === undefined ? 0 : (put(key, { text: stored.text, expiresAt: now() + ttl }) ?? 1)
  }

  function left(key: string): number {
    const stored = live(key)
    if (stored === undefined) return -2
    return stored.expiresAt === Infinity ? -1 : stored.expiresAt - now()
  }

  /** One page holds everything: the map is bounded. MATCH takes a prefix pattern, the one that the store asks with. */
  function scan(flags: Command): Reply {
    const pattern = flags[flags.indexOf('MATCH') + 1] ?? '*'
    const prefix = pattern.replace(/\*$/, '').replaceAll(/\\(.)/g, '$1')
    return ['0', map.keys().filter((key) => key.startsWith(prefix) && live(key) !== undefined)]
  }

  function run(command: Command): Reply {
    const [name = '', first = ''] = command
    // The hot one, without a copy of its arguments.
    if (name === 'GET') return live(first)?.text ?? null
    const args = command.slice(1)
    switch (name) {
      case 'MGET':
        return args.map((key) => live(key)?.text ?? null)
      case 'SET':
        return set(args)
      case 'DEL':
      case 'UNLINK':
        return args.filter((key) => live(key) !== undefined && map.delete(key)).length
      case 'EXISTS':
        return args.filter((key) => live(key) !== undefined).length
      case 'GETDEL':
        return take(first)
      case 'SETRANGE':
        return overwrite(first, Number(args[1]), args[2] ?? '')
      case 'APPEND':
        return append(first, args[1] ?? '')
      case 'PEXPIRE':
        return expire(first, Number(args[1]))
      case 'PTTL':
        return left(args[0] ?? '')
      case 'SCAN':
        return scan(args)
      case 'PING':
        return 'PONG'
      default:
        return new CacheError('reply', `memory: does not know the command ${name}`)
    }
  }

  return {
    name: 'memory',
    spansSlots: true,
    isConnectionless: true,
    open: () => ({ isUsable: true, close: () => {}, send: (commands) => Promise.resolve(commands.map(run)) }),
  }
}
