import { Redis } from '@upstash/redis'
import { createClient } from '@redis/client'
import { createCache } from 'fastmiss'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type LocalRedis, startRedis, startUpstash } from '../../src/testing/index.ts'
import { rawRedis, encode } from './support/raw-redis.ts'
import { tcpClient } from './support/tcp-client.ts'

/** Thousands of keys, on a machine that may be busy. */
vi.setConfig({ testTimeout: 30_000 })

/** What a user of startRedis() may rely on, whichever server it is. */
describe.each(['redis-server', 'embedded'] as const)('%s', (binary) => {
  let redis: LocalRedis

  beforeAll(async () => {
    redis = await startRedis({ binary })
  })
  beforeEach(async () => {
    using raw = await rawRedis(redis.port)
    await raw.ask(['FLUSHALL'], ['CONFIG', 'SET', 'maxmemory', '0'])
  })
  afterAll(() => redis.stop())

  test.each([2, 3] as const)('node-redis with RESP %i reads what it wrote', async (RESP) => {
    await using it = await nodeRedis(redis.url, RESP)
    const { client } = it
    expect(await client.set('key', 'wörter 😀', { expiration: { type: 'PX', value: 60_000 } })).toBe('OK')
    expect(await client.get('key')).toBe('wörter 😀')
    expect(await client.pTTL('key')).toBeGreaterThan(50_000)
    expect(await client.sAdd('set', ['a', 'b'])).toBe(2)
    expect((await client.sMembers('set')).toSorted()).toEqual(['a', 'b'])
    await client.hSet('hash', { field: 'value' })
    expect({ ...(await client.hGetAll('hash')) }).toEqual({ field: 'value' })
    expect(await client.multi().incr('n').incr('n').mGet(['n', 'none']).exec()).toEqual([1, 2, ['2', null]])
    expect(await client.del(['key', 'none'])).toBe(1)
    await expect(client.incr('set')).rejects.toThrow('WRONGTYPE')
    expect(await client.configGet('maxmemory-policy')).toMatchObject({ 'maxmemory-policy': expect.any(String) as string })
  })

  test('a key that has expired is gone for every command, and is dropped without being asked for', async () => {
    using raw = await rawRedis(redis.port)
    await raw.ask(['SET', 'short', 'x', 'PX', '30'], ['MSET', 'long', '1', 'other', '2'], ['PEXPIRE', 'other', '30'])
    await expect.poll(() => raw.ask(['GET', 'short'])).toBe('$-1\r\n')
    expect(await raw.ask(['EXISTS', 'short', 'long'], ['SET', 'short', 'y', 'NX'], ['DEL', 'short'])).toBe(':1\r\n+OK\r\n:1\r\n')
    // Nobody asks for these: they are found, among many that stay.
    await raw.ask(['MSET', ...Array.from({ length: 20_000 }, (_, index) => [`stays${index}`, '1']).flat()])
    await raw.ask(...Array.from({ length: 100 }, (_, index) => ['SET', `goes${index}`, '1', 'PX', '30']))
    await expect.poll(() => raw.ask(['DBSIZE']), { timeout: 15_000 }).toBe(':20001\r\n')
  })

  test('SCAN returns every key that was there throughout, whatever is written, used and removed meanwhile', async () => {
    using raw = await rawRedis(redis.port)
    const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`)
    const put = (keys: readonly string[]): string[] => ['MSET', ...keys.flatMap((key) => [key, '1'])]
    await raw.ask(put(names('stays', 3_000)), put(names('goes', 4_000)))
    const seen = new Set<string>()
    let cursor = '0'
    let pages = 0
    do {
      const page = await raw.ask(['SCAN', cursor, 'MATCH', 'stays*', 'COUNT', '100'])
      const words = page.split('\r\n')
      cursor = words[2] ?? '0'
      for (const word of words.slice(4)) if (word.startsWith('stays')) seen.add(word)
      const at = pages * 60
      await raw.ask(put(names(`new${pages}-`, 150)), ['DEL', ...names('goes', at + 60).slice(at)], ['MGET', ...names('stays', 50)])
      pages += 1
    } while (cursor !== '0' && pages < 1_000)
    expect(cursor).toBe('0')
    expect(seen.size).toBe(3_000)
    expect(pages).toBeLessThan(400)
  })

  test('memory is bounded: the oldest values go, the newest stay', async () => {
    await using small = await startRedis({ binary, args: ['--maxmemory', '4mb', '--maxmemory-policy', 'allkeys-lru'] })
    using raw = await rawRedis(small.port)
    await raw.ask(['SET', 'used', 'x'])
    for (let at = 0; at < 200; at++) await raw.ask(['SET', `value${at}`, 'x'.repeat(50_000)], ['GET', 'used'])
    expect(await raw.ask(['STRLEN', 'value199'])).toBe(':50000\r\n')
    // The real one guesses by samples and a clock of seconds; the embedded one knows.
    if (binary === 'embedded') expect(await raw.ask(['GET', 'used'], ['GET', 'value0'])).toBe('$1\r\nx\r\n$-1\r\n')
    expect(Number(/used_memory:(\d+)/.exec(await raw.ask(['INFO', 'memory']))?.[1])).toBeLessThan(4.5 * 1_024 * 1_024)
    expect(Number(/evicted_keys:(\d+)/.exec(await raw.ask(['INFO', 'stats']))?.[1])).toBeGreaterThan(100)
  })

  test('with a bound and no policy a write beyond it is refused, and a read is not', async () => {
    await using small = await startRedis({ binary, args: ['--maxmemory', '8mb'] })
    using raw = await rawRedis(small.port)
    const answers: string[] = []
    for (let at = 0; at < 20; at++) answers.push(await raw.ask(['SET', `value${at}`, 'x'.repeat(500_000)]))
    expect(answers[0]).toBe('+OK\r\n')
    expect(answers.at(-1)).toMatch(/^-OOM command not allowed/)
    expect(await raw.ask(['STRLEN', 'value0'], ['DEL', 'value0', 'value1'], ['SET', 'more', 'x'])).toBe(':500000\r\n:2\r\n+OK\r\n')
  })

  test('one client too many is told so', async () => {
    await using small = await startRedis({ binary, maxclients: 1 })
    using raw = await rawRedis(small.port)
    expect(await raw.ask(['PING'])).toBe('+PONG\r\n')
    using second = await rawRedis(small.port)
    expect(await second.send('')).toBe('-ERR max number of clients reached\r\n')
    expect(await raw.ask(['PING'])).toBe('+PONG\r\n')
  })

  test('requests may come in any pieces, and many at once', async () => {
    using raw = await rawRedis(redis.port)
    const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))
    await using client = await tcpClient(redis.port)
    for (const char of encode(['SET', bytes, bytes]) + 'PING\r\n') client.socket.write(char, 'latin1')
    expect((await client.bytes(12)).toString()).toBe('+OK\r\n+PONG\r\n')
    expect(await raw.ask(['GET', bytes])).toBe(`$256\r\n${bytes}\r\n`)
    const many = Array.from({ length: 20_000 }, (_, index) => ['SET', `many${index}`, String(index)])
    expect(await raw.ask(...many)).toBe('+OK\r\n'.repeat(20_000))
  })

  test('a value of many megabytes comes back as it was', async () => {
    using raw = await rawRedis(redis.port)
    const big = 'abcdefgh'.repeat(2_000_000)
    expect(await raw.ask(['SET', 'big', big])).toBe('+OK\r\n')
    expect((await raw.ask(['GET', 'big'])) === `$16000000\r\n${big}\r\n`).toBe(true)
  })

  test('many large replies to one client do not stop it', async () => {
    using raw = await rawRedis(redis.port)
    await raw.ask(['SET', 'big', 'x'.repeat(4_000_000)])
    const size = 20 * '$4000000\r\n\r\n'.length + 80_000_000
    expect((await raw.send(encode(['GET', 'big']).repeat(20), size)).length).toBe(size)
    expect(await raw.ask(['PING'])).toBe('+PONG\r\n')
  })

  test('the cache of this package works on it over both wires, and each reads the other’s entries', async () => {
    await using upstash = await startUpstash({ redis: redis.url })
    const tcp = createCache({ url: redis.url, namespace: 'app', timeout: 2_000 })
    const http = createCache({ url: upstash.url, token: upstash.token, namespace: 'app', timeout: 2_000 })
    expect(await tcp.set('over-tcp', { wire: 'tcp' }, { ttl: 60_000 })).toBe(true)
    expect(await http.lookup('over-tcp')).toMatchObject({ status: 'hit', value: { wire: 'tcp' } })
    expect(await http.setMany([{ key: 'over-http', value: 1 }])).toEqual([true])
    expect(await tcp.getMany(['over-http', 'none'])).toEqual([1, undefined])
    expect(await tcp.deleteMany(['over-http', 'over-tcp'])).toEqual([true, true])
    expect(await http.lookup('over-http')).toEqual({ status: 'miss' })
  })

  test('@upstash/redis works before it: pipelines, transactions, expiry', async () => {
    await using upstash = await startUpstash({ redis: redis.url })
    const client = new Redis({ url: upstash.url, token: upstash.token, enableTelemetry: false })
    await Promise.all([client.set('object', { a: [1, 'zwei', '😀'] }, { px: 60_000 }), client.set('number', 7)])
    expect(await Promise.all([client.get('object'), client.get('number'), client.pttl('object')])).toEqual([
      { a: [1, 'zwei', '😀'] },
      7,
      expect.closeTo(60_000, -4) as number,
    ])
    expect(await client.multi().incr('counter').incr('counter').exec()).toEqual([1, 2])
    expect(await client.pipeline().hset('hash', { field: 'v' }).hgetall('hash').exec()).toEqual([1, { field: 'v' }])
    expect(await client.scan(0, { match: 'obj*' })).toEqual(['0', ['object']])
    await expect(client.sadd('number', 'x')).rejects.toThrow('WRONGTYPE')
  })

  test('a password locks every door, and each way of giving it opens them', async () => {
    await using locked = await startRedis({ binary, password: 'secret' })
    using raw = await rawRedis(locked.port)
    const closed = '-NOAUTH Authentication required.\r\n'
    expect(await raw.ask(['GET', 'a'], ['CONFIG', 'GET', '*'], ['MULTI'])).toBe(closed.repeat(3))
    expect(await raw.ask(['HELLO', '3'])).toMatch(/^-NOAUTH HELLO must be called/)
    expect(await raw.ask(['AUTH', 'wrong'])).toBe('-WRONGPASS invalid username-password pair or user is disabled.\r\n')
    expect(await raw.ask(['GET', 'a'])).toBe(closed)
    expect(await raw.ask(['AUTH', 'secret'], ['GET', 'a'])).toBe('+OK\r\n$-1\r\n')
    using other = await rawRedis(locked.port)
    expect(await other.ask(['HELLO', '3', 'AUTH', 'default', 'secret'], ['GET', 'a'])).toMatch(/^%7\r\n[^]*_\r\n$/)
  })
})

async function nodeRedis(url: string, RESP: 2 | 3) {
  const client = createClient({ url, RESP, socket: { reconnectStrategy: false } })
  // The rejection of connect() says the same.
  client.on('error', () => {})
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.close() }
}
