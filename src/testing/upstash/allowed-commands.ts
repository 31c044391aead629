/** The commands of one category: those that only read, and those that write. */
interface Category {
  readonly reads?: string
  readonly writes?: string
}

/**
 * What may reach Redis, by the categories of Upstash's documentation ("REST - Redis API Compatibility").
 *
 * All requests share one connection. A command that changes its state (SELECT, CLIENT REPLY), that answers never, later or more than
 * once (REPLCONF ACK, BLPOP, MONITOR), or that stops the server for all (DEBUG SLEEP, SAVE, WAIT), would shift or hold up the replies to
 * other requests. A list of those is never complete, since each version of Redis and each module brings more. So this is a list of what
 * is known to answer once and at once. Upstash itself refuses nearly all of the rest over REST, too.
 */
const CATEGORIES: Readonly<Record<string, Category>> = {
  strings: {
    reads: 'DIGEST GET GETRANGE MGET STRLEN',
    writes: `APPEND DECR DECRBY DELEX GETDEL GETEX GETSET INCR INCRBY INCRBYFLOAT MSET MSETEX MSETNX PSETEX SET SETEX SETNX SETRANGE`,
  },
  bitmaps: { reads: 'BITCOUNT BITFIELD_RO BITPOS GETBIT', writes: 'BITFIELD BITOP SETBIT' },
  hashes: {
    reads: 'HEXISTS HEXPIRETIME HGET HGETALL HKEYS HLEN HMGET HPEXPIRETIME HPTTL HRANDFIELD HSCAN HSTRLEN HTTL HVALS',
    writes: 'HDEL HEXPIRE HEXPIREAT HGETDEL HGETEX HINCRBY HINCRBYFLOAT HMSET HPERSIST HPEXPIRE HPEXPIREAT HSET HSETEX HSETNX',
  },
  // Without those that wait for an element: BLPOP and its kin.
  lists: {
    reads: 'LINDEX LLEN LPOS LRANGE',
    writes: 'LINSERT LMOVE LMPOP LPOP LPUSH LPUSHX LREM LSET LTRIM RPOP RPOPLPUSH RPUSH RPUSHX',
  },
  sets: {
    reads: 'SCARD SDIFF SINTER SINTERCARD SISMEMBER SMEMBERS SMISMEMBER SRANDMEMBER SSCAN SUNION',
    writes: 'SADD SDIFFSTORE SINTERSTORE SMOVE SPOP SREM SUNIONSTORE',
  },
  // Without those that wait for a member: BZPOPMIN and its kin.
  sortedSets: {
    reads: `ZCARD ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE
      ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION`,
    writes: `ZADD ZDIFFSTORE ZINCRBY ZINTERSTORE ZMPOP ZPOPMAX ZPOPMIN ZRANGESTORE ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE
      ZUNIONSTORE`,
  },
  geo: {
    reads: 'GEODIST GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH',
    writes: 'GEOADD GEORADIUS GEORADIUSBYMEMBER GEOSEARCHSTORE',
  },
  hyperLogLog: { reads: 'PFCOUNT', writes: 'PFADD PFMERGE' },
  // XREAD and XREADGROUP without BLOCK: see below.
  streams: {
    reads: 'XINFO XLEN XPENDING XRANGE XREAD XREVRANGE',
    writes: 'XACK XACKDEL XADD XAUTOCLAIM XCLAIM XDEL XDELEX XGROUP XREADGROUP XTRIM',
  },
  // Without MIGRATE and WAIT, which hold up, and MOVE, OBJECT and SORT, which Upstash does not have. KEYS and SCAN are not for a
  // read-only token: see below.
  generic: {
    reads: 'DUMP EXISTS EXPIRETIME KEYS MEMORY|USAGE PEXPIRETIME PTTL RANDOMKEY SCAN TTL TYPE',
    writes: 'COPY DEL EXPIRE EXPIREAT PERSIST PEXPIRE PEXPIREAT RENAME RENAMENX RESTORE TOUCH UNLINK',
  },
  // Without SCRIPT DEBUG, which turns the connection into a debugger. What shifts replies cannot be called from a script either: Redis
  // refuses it there ("noscript").
  scripting: { writes: 'EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO FUNCTION SCRIPT|EXISTS SCRIPT|FLUSH SCRIPT|KILL SCRIPT|LOAD' },
  // To listen there are /subscribe and /psubscribe, each over a connection of its own.
  pubSub: { writes: 'PUBLISH PUBSUB' },
  // Without AUTH, CLIENT, HELLO, QUIT, RESET and SELECT.
  connection: { reads: 'ECHO PING' },
  // Without ACL, CONFIG SET and MONITOR, which Upstash has, and DEBUG, REPLICAOF, SAVE, SHUTDOWN and all else that is not data.
  server: { reads: 'COMMAND DBSIZE INFO TIME', writes: 'CONFIG|GET FLUSHALL FLUSHDB' },
  // Where the Redis behind it has the module.
  json: {
    reads: `JSON.ARRINDEX JSON.ARRLEN JSON.GET JSON.MGET JSON.OBJKEYS JSON.OBJLEN JSON.RESP JSON.STRLEN JSON.TYPE`,
    writes: `JSON.ARRAPPEND JSON.ARRINSERT JSON.ARRPOP JSON.ARRTRIM JSON.CLEAR JSON.DEL JSON.FORGET JSON.MERGE JSON.MSET JSON.NUMINCRBY
      JSON.NUMMULTBY JSON.SET JSON.STRAPPEND JSON.TOGGLE`,
  },
}

/** Read commands that a read-only token may not run, as Upstash documents: such a token may be public, and these tell of all keys. */
const POWERFUL = new Set(['KEYS', 'SCAN'])

const READ_COMMANDS = namesOf('reads')
const WRITE_COMMANDS = namesOf('writes')

/** @param name in capitals, `SCRIPT|LOAD` with a second word. @returns whether such a command may reach Redis */
export function mayReachRedis(name: string): boolean {
  return READ_COMMANDS.has(name) || WRITE_COMMANDS.has(name)
}

/** @param name as above. @returns whether a read-only token may run it */
export function mayBeRead(name: string): boolean {
  return READ_COMMANDS.has(name) && !POWERFUL.has(name)
}

function namesOf(kind: keyof Category): ReadonlySet<string> {
  return new Set(Object.values(CATEGORIES).flatMap((category) => category[kind]?.split(/\s+/) ?? []))
}
