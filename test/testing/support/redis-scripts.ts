/** Conversations with a Redis, a command a line. `_` is an empty argument. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  'SET and its options': `
    GET a | SET a 1 | GET a | SET a 2 NX | SET a 2 XX | SET b 2 XX | SET a 3 GET | SET b 3 NX GET | SET b 4 NX GET | SET a 1 NX XX
    SET a 1 EX 0 | SET a 1 EX -1 | SET a 1 EX abc | SET a 1 EX 9223372036854775807 | SET a 1 PX 9223372036854775807 | SET a 1 PX 10 EX 10
    SET a 1 EX | SET a 1 FOO | SET a 1 KEEPTTL EX 10 | SET a 1 EX 10 KEEPTTL | SET a | SET a 1 EX 100 | TTL a | SET a 2 KEEPTTL | TTL a
    SET a 3 | TTL a | SET a 1 EXAT 4102444800 | PEXPIRETIME a | SET a 1 PXAT 4102444800400 | PEXPIRETIME a | SET a 1 PXAT 1 | GET a
    SETEX a 10 v | TTL a | SETEX a 0 v | SETEX a x v | PSETEX a -5 v | PSETEX a 100000 v | TTL a | SETNX a 1 | SETNX n 1 | SET _ empty | GET _`,
  'other strings': `
    SET a 1 EX 100 | GETSET a zz | TTL a | GETDEL a | GETDEL a | SET n 1 | GETEX n EX 100 | TTL n | GETEX n PERSIST | TTL n
    GETEX n PERSIST EX 10 | GETEX n EX 0 | GETEX n EX | GETEX nothing EX 0 | GETEX nothing | GETEX n EXAT 1 | GET n | GETEX n PXAT 0
    MSET a 1 b | MSET a 1 b 2 a 3 | MGET a b c | MSETNX x 1 y 2 | MSETNX x 1 z 2 | MSETNX x | MGET x y z | APPEND x abc | APPEND new abc
    EXPIRE x 100 | APPEND x d | TTL x | STRLEN x | STRLEN none`,
  'numbers of 64 bits': `
    INCR c | INCRBY c 10 | DECR c | DECRBY c 4 | INCRBY c abc | INCRBY c 1.5 | INCRBY c 9223372036854775807 | DECRBY c -9223372036854775808
    SET big 9223372036854775807 | INCR big | DECR big | SET low -9223372036854775808 | DECR low | SET plus +1 | INCR plus | SET zero 01 | INCR zero
    SET minus -0 | INCR minus | SET word w | INCR word | SET empty _ | INCR empty | EXPIRE c 100 | INCR c | TTL c`,
  'how long keys live': `
    SET c 1 | EXPIRE c 100 | EXPIRE c 200 NX | EXPIRE c 200 XX | EXPIRE c 100 GT | EXPIRE c 300 GT | EXPIRE c 400 LT | EXPIRE c 50 LT
    EXPIRE c 60 NX GT | EXPIRE c 60 GT LT | EXPIRE c 60 XX GT | EXPIRE c 60 FOO | EXPIRE c x FOO | EXPIRE c x | EXPIRE none x
    EXPIRE c 9223372036854775807 | EXPIRE c -9223372036854775807 | PEXPIRE c 9223372036854775807 | TTL c | PERSIST c | PERSIST c | PERSIST none
    EXPIRE c 100 GT | EXPIRE c 100 LT | EXPIRE c -1 | EXISTS c | SET a 1 | PEXPIREAT a 1 | EXISTS a | SET a 1 | EXPIREAT a 4102444800
    EXPIRETIME a | PEXPIRETIME a | PEXPIREAT a 4102444800400 | EXPIRETIME a | PEXPIREAT a 4102444800600 | EXPIRETIME a | EXPIRETIME none
    PEXPIREAT a 4102444800600 GT | PEXPIREAT a 4102444800600 LT | PEXPIREAT a 4102444800600 XX | PEXPIREAT a 4102444800600 NX | PEXPIRETIME a
    SET b 1 | EXPIRETIME b | PTTL none | TTL none | PTTL b | TTL b`,
  sets: `
    SADD s a b c a | SADD s d a | SCARD s | SISMEMBER s a | SISMEMBER s zz | SMISMEMBER s a zz b | SMISMEMBER none a | SREM s a zz | SREM s b c d
    EXISTS s | TYPE s | SADD s a | TYPE s | SMEMBERS s | SMEMBERS none | SREM none a | SCARD none | SADD s`,
  'a key that holds something else': `
    SADD s a | GET s | GETSET s a | SET s v GET | SET s v NX GET | GETDEL s | GETEX s | MGET s a | APPEND s a | STRLEN s | INCR s | TYPE s
    SET a x | SADD a x | SMEMBERS a | HGET a f | HSET a f v | TYPE a | TYPE none | HSET h f v | TYPE h | GET h | SREM h f | SET s v | GET s`,
  hashes: `
    HSET h f v | HSET h f v2 k w | HSET h f | HSET h f v g | HGET h f | HGET h none | HMGET h f none k | HMGET none f | HGETALL none
    HEXISTS h f | HLEN h | HDEL h f zzz | HKEYS h | HVALS h | HGETALL h | HDEL h k | EXISTS h | HKEYS none
    HMSET m f v g w | HMSET m f x | HMSET m f | HMSET m f v g | HGETALL m | SET s v | HMSET s f v`,
  'keys and databases': `
    MSET a 1 b 2 c 3 | DEL | DEL a none | UNLINK b none | EXISTS c c none | TOUCH c none | DBSIZE | DBSIZE x | KEYS | KEYS c | KEYS none
    SELECT 1 | DBSIZE | SET one 1 | SELECT 0 | GET one | SELECT 16 | SELECT -1 | SELECT abc | SELECT | FLUSHDB x | FLUSHDB ASYNC x | FLUSHDB SYNC
    SELECT 1 | DBSIZE | FLUSHALL ASYNC | DBSIZE | KEYS *`,
  SCAN: `
    SCAN 0 | SCAN abc | SCAN -1 | SCAN 0 COUNT 0 | SCAN 0 COUNT abc | SCAN 0 COUNT | SCAN 0 MATCH | SCAN 0 FOO bar | SCAN 0 TYPE string
    SCAN 0 TYPE nonsense | SET k v | SCAN 0 | SCAN 0 TYPE string | SCAN 0 TYPE set | SCAN 0 TYPE STRING | SCAN 0 MATCH k* COUNT 5 | SCAN 0 MATCH z*
    SCAN _ | SCAN +0 | SCAN _ FOO bar | SCAN 18446744073709551616 | SCAN 99999999999999999999999 FOO bar | SCAN 0x1 | SCAN 1.0
    SET _ v | KEYS * | KEYS ** | KEYS _ | SCAN 0 MATCH **`,
  transactions: `
    MULTI | SET a 1 | INCR a | GET a | EXEC | EXEC | DISCARD | MULTI | MULTI | DISCARD | MULTI | NOSUCH a | EXEC | MULTI | GET | SET x 1 | EXEC
    EXISTS x | MULTI | SET s v | SADD s x | GET s | EXEC | MULTI | WATCH a | EXEC | WATCH a | SET a 2 | MULTI | EXEC | WATCH a | MULTI | PING | EXEC
    WATCH a | UNWATCH | SET a 3 | MULTI | PING | SELECT 3 | SET q 1 | EXEC | DBSIZE | SELECT 0 | WATCH new | SET new 1 | MULTI | GET a | EXEC
    WATCH | MULTI x | MULTI | EXEC`,
  'a transaction that is refused before it begins': `
    MULTI | SET a 1 | CLIENT FOO | EXEC | MULTI | CONFIG GET | EXEC | MULTI | SET a 1 | EXEC x | EXEC | EXEC x | GET a | WATCH a | EXEC x
    SET a 2 | MULTI | PING | EXEC`,
  'a full memory that evicts nothing': `
    CONFIG SET maxmemory-policy noeviction | SET a 1 | SADD s a | CONFIG SET maxmemory 1 | SET a 2 | GETSET a 2 | INCR a | SADD s b | GET a | EXPIRE a 100
    MULTI | GET a | EXEC | MULTI | SET a 2 | EXEC | CONFIG SET maxmemory 0 | MULTI | SET a 3 | GET a | EXEC | WATCH a | SET a 4 | MULTI | SET a 5 | EXEC
    CONFIG SET maxmemory 0 | DEL a s`,
  RESP3: `
    HELLO 3 | SET a 1 | GET none | MGET a none | SADD s a | SMEMBERS s | SMEMBERS none | HSET h a b | HGETALL h | CONFIG GET maxclients
    CONFIG GET nothing | WATCH a | SET a 2 | MULTI | EXEC | GETDEL none | SCAN 0 MATCH x | SET q x NX GET | SISMEMBER s a | HELLO 2 | HGETALL h | GET none`,
  'what a connection says of itself': `
    PING | PING hello | PING a b | ECHO | ECHO a b | HELLO 4 | HELLO abc | HELLO 3 FOO | HELLO 3 AUTH | HELLO 3 AUTH a | HELLO 3 SETNAME | HELLO 3 SETNAME a\u0001b FOO
    HELLO 2 AUTH nobody x | AUTH foo | AUTH default foo | AUTH nobody foo | AUTH a b c | AUTH | CLIENT | CLIENT FOO | CLIENT GETNAME
    CLIENT SETNAME bob | CLIENT GETNAME | CLIENT SETNAME | CLIENT GETNAME x | CLIENT ID x | client getname | INFO nonsense | TIME x`,
  settings: `
    CONFIG | CONFIG FOO | CONFIG GET | CONFIG SET maxmemory | CONFIG SET nonsense 1 | CONFIG SET maxmemory abc | CONFIG SET maxmemory 100mb
    CONFIG GET maxmemory | CONFIG SET maxmemory 1gb | CONFIG GET maxmemory | CONFIG SET maxmemory 10k | CONFIG GET maxmemory | CONFIG SET maxmemory 0
    CONFIG SET maxmemory-policy allkeys-lru | CONFIG GET maxmemory-policy | CONFIG SET maxclients abc | CONFIG GET MAXCLIENTS
    CONFIG SET maxclients 0 | CONFIG SET maxclients -1 | CONFIG SET maxclients 4294967296 | CONFIG SET maxclients 77 nonsense 1 | CONFIG GET maxclients
    CONFIG SET maxclients 77 maxmemory | CONFIG SET maxclients 77 maxmemory abc | CONFIG GET maxclients | CONFIG SET maxclients 77 MAXCLIENTS 78
    CONFIG SET save _ | CONFIG SET appendonly no timeout 0 | CONFIG GET timeout`,
  'what is unknown': `NOSUCH | NOSUCH a b c | nosuch | _ | LP${'x'.repeat(200)} a | NOSUCH ${'y'.repeat(100)} ${'z'.repeat(100)} last | QUIT now`,
}

/** @returns the commands of a script, each as its words */
export function commandsOf(script: string): readonly (readonly string[])[] {
  return script
    .split(/[|\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(' ').map((word) => (word === '_' ? '' : word)))
}
