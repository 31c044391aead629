import type { Argument } from './backend.ts'

/** Commands that change the state of a connection, which all clients of the gateway share, or that block it. */
const REFUSED = new Set(
  `AUTH BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN CLIENT DISCARD EXEC HELLO MONITOR MULTI PSUBSCRIBE PSYNC
  PUNSUBSCRIBE QUIT RESET SELECT SHUTDOWN SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE SYNC UNSUBSCRIBE UNWATCH WAIT WATCH`.split(/\s+/),
)

/** What a read-only token may run. */
const READING = new Set(
  `BITCOUNT BITFIELD_RO BITPOS DBSIZE DUMP ECHO EXISTS EXPIRETIME GEODIST GEOHASH GEOPOS GEOSEARCH GET GETBIT GETRANGE HEXISTS HGET
  HGETALL HKEYS HLEN HMGET HRANDFIELD HSCAN HSTRLEN HVALS INFO KEYS LINDEX LLEN LPOS LRANGE MGET OBJECT PEXPIRETIME PFCOUNT PING PTTL
  RANDOMKEY SCAN SCARD SDIFF SINTER SINTERCARD SISMEMBER SMEMBERS SMISMEMBER SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TIME TTL TYPE
  XINFO XLEN XPENDING XRANGE XREVRANGE ZCARD ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX
  ZRANGEBYSCORE ZRANK ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION`.split(/\s+/),
)

/** @returns the error that answers a command which must not reach Redis, or undefined */
export function refusal(command: readonly Argument[], isReadOnly: boolean): Error | undefined {
  const name = String(command[0] ?? '').toUpperCase()
  if (REFUSED.has(name)) return new Error(`ERR Command is not available: '${name}'`)
  if (isReadOnly && !READING.has(name)) return new Error(`NOPERM this user has no permissions to run the '${name.toLowerCase()}' command`)
  return undefined
}

/** A command in JSON. @returns undefined where it is none */
export function commandFromJson(json: unknown): readonly Argument[] | undefined {
  if (!Array.isArray(json) || json.length === 0) return undefined
  const parts: readonly unknown[] = json
  return parts.every(isScalar) ? parts.map(String) : undefined
}

/**
 * A command in a path: `/SET/key/value?EX=100`. The body, if any, follows the path; the query comes last, each name and value
 * an argument of its own. Percent-encoded bytes stay bytes.
 */
export function commandFromUrl({ pathname, search }: URL, body: Buffer): readonly Argument[] {
  const path = pathname.split('/').slice(1).map(percentDecode)
  const query = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('_token='))
  const options = query.flatMap((pair) => pair.split('=').filter((part) => part !== ''))
  return [...path, ...(body.length === 0 ? [] : [body]), ...options.map((part) => percentDecode(part.replaceAll('+', ' ')))]
}

function percentDecode(text: string): Buffer {
  const latin1 = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(latin1, 'latin1')
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
