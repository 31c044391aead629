import { createKeyv } from 'fastmiss/keyv'
import { cacheHandler } from 'fastmiss/next'
import unstorageDriver from 'fastmiss/unstorage'
import { createCache, fromEnv, type SetEntry } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'
import * as edge from '../../dist/index.workerd.js'
import { describe, expect, test } from 'vitest'

/** Every case: what is given, and what the message must name. */
const REFUSED: readonly (readonly [name: string, options: object, message: RegExp])[] = [
  ['no url', {}, /^url: required/],
  ['a url that is no string', { url: 6379 }, /^url: expected a string, got 6379/],
  ['an unparsable url', { url: 'redis//host' }, /^url: cannot be parsed/],
  ['an unknown scheme', { url: 'amqp://host' }, /unknown scheme 'amqp:'.*redis:/],
  ['url and transport', { url: 'memory:', transport: { open() {} } }, /^transport: give either url or transport/],
  ['a transport that is none', { transport: {} }, /^transport: expected a transport/],
  ['an unknown option', { url: 'memory:', timeoutMs: 5 }, /^timeoutMs: unknown option\. Known: .*timeout/],
  ['an unknown limit', { url: 'memory:', limits: { bytes: 5 } }, /^limits\.bytes: unknown option/],
  ['a fractional timeout', { url: 'memory:', timeout: 1.5 }, /^timeout: expected whole milliseconds from 1 .* got 1\.5/],
  ['a zero timeout', { url: 'memory:', timeout: 0 }, /^timeout: .* got 0/],
  ['a negative cooldown', { url: 'memory:', cooldown: -1 }, /^cooldown: .* got -1/],
  ['a maxCooldown below cooldown', { url: 'memory:', cooldown: 500, maxCooldown: 100 }, /^maxCooldown: must be at least cooldown \(500\), got 100/],
  ['a ttl of text', { url: 'memory:', ttl: '60s' }, /^ttl: expected whole milliseconds.*a value of type string/],
  ['a ttl of zero', { url: 'memory:', ttl: 0 }, /^ttl: .* leave it out for no expiry/],
  ['a fractional connectTimeout', { url: 'redis://127.0.0.1', connectTimeout: 0.5 }, /^connectTimeout: /],
  ['a timeout that timers cannot take', { url: 'memory:', timeout: 2 ** 31 }, /^timeout: .*2147483647/],
  ['a namespace with ::', { url: 'memory:', namespace: 'a::b' }, /^namespace: must not contain '::'/],
  ['a namespace with an edge colon', { url: 'memory:', namespace: 'a:' }, /^namespace: must not begin or end with a colon/],
  ['an empty namespace', { url: 'memory:', namespace: '' }, /^namespace: must not be empty/],
  ['a namespace that reaches for reserved keys', { url: 'memory:', namespace: 'a:!fm:b' }, /^namespace: .*reserved/],
  ['an unknown connection policy', { url: 'memory:', connection: 'pool' }, /^connection: expected 'per-invocation' or 'reuse'/],
  ['half a serializer', { url: 'memory:', serializer: { stringify: String } }, /^serializer: expected/],
  ['an onEvent that is no function', { url: 'memory:', onEvent: true }, /^onEvent: expected a function, got true/],
  ['a timeout of null', { url: 'memory:', timeout: null }, /^timeout: .* got null/],
  ['a serializer of null', { url: 'memory:', serializer: null }, /^serializer: expected/],
  ['copies of null', { url: 'redis://h', memory: null }, /^memory: expected true, false or \{ ttl, entries, bytes, outage, share \}, got null/],
  ['copies in a list', { url: 'redis://h', memory: [] }, /^memory: .* got an array/],
  ['an unknown option of the copies', { url: 'redis://h', memory: { max: 5 } }, /^memory\.max: unknown option\. Known: ttl, entries/],
  ['copies that live for no time', { url: 'redis://h', memory: { ttl: 0 } }, /^memory\.ttl: expected whole milliseconds from 1 .* got 0/],
  ['no room for copies', { url: 'redis://h', memory: { entries: 0 } }, /^memory\.entries: expected a whole number of entries, 1 or more, got 0/],
  ['half a byte for copies', { url: 'redis://h', memory: { bytes: 0.5 } }, /^memory\.bytes: expected a whole number of bytes, 1 or more, got 0\.5/],
  ['a negative outage', { url: 'redis://h', memory: { outage: -1 } }, /^memory\.outage: expected whole milliseconds from 0 .* got -1/],
  [
    'a share that is no boolean',
    { url: 'redis://h', memory: { share: 'yes' } },
    /^memory\.share: expected true or false, got a value of type string/,
  ],
  ['copies of what is in memory', { url: 'memory:', memory: true }, /^memory: keeps copies of what Redis holds, and with the URL memory:/],
  ['limits that are no object', { url: 'memory:', limits: 5 }, /^limits: expected \{ keyBytes, valueBytes \}, got 5/],
  ['limits in a list', { url: 'memory:', limits: [] }, /^limits: .* got an array/],
  ['a token that is no string, and may be one all the same', { url: 'https://x.upstash.io', token: 73_519 }, /^token: expected a string$/],
  ['a token for TCP', { url: 'redis://127.0.0.1', token: 't' }, /^token: is for Upstash's REST API, and the URL is redis:/],
  ['tls for HTTP', { url: 'https://x.upstash.io', token: 't', tls: {} }, /^tls: is for TCP, and the URL is https:/],
  ['credentials for HTTP', { url: 'https://x.upstash.io', token: 't', credentials: async () => ({}) }, /^credentials: is for TCP/],
  ['tls beside a transport', { transport: { open() {} }, tls: {} }, /^tls: belongs to the transport/],
  ['a limit of zero', { url: 'memory:', limits: { keyBytes: 0 } }, /^limits\.keyBytes: /],
  ['a threshold of zero', { url: 'memory:', compression: { threshold: 0 } }, /^compression\.threshold: expected a whole number of characters/],
  ['tls without rediss', { url: 'redis://127.0.0.1', tls: {} }, /^tls: needs a rediss: URL/],
  ['credentials twice', { url: 'redis://u:p@127.0.0.1', credentials: async () => ({}) }, /^credentials: the URL holds/],
  ['a database that is no number', { url: 'redis://127.0.0.1/app' }, /^url: the path names the database/],
  ['a database behind the ? that is no number', { url: 'redis://127.0.0.1?db=secret' }, /^url: db must be a number, as in (?!.*secret)/],
  ['two databases', { url: 'rediss://127.0.0.1/1?db=2' }, /^url: names two databases/],
  ['two databases behind the ?', { url: 'unix:///tmp/redis.sock?db=1&db=2' }, /^url: names two databases/],
  ['an unknown parameter', { url: 'redis://127.0.0.1?password=hunter2' }, /^url: unknown parameter 'password'\. Known: db; (?!.*hunter2)/],
  ['an unknown parameter of a socket', { url: 'unix:///tmp/redis.sock?database=1' }, /^url: unknown parameter 'database'/],
  ['a password behind the ?', { url: 'redis://u:80?s3cret@127.0.0.1' }, /^url: what stands behind the \? is no parameter(?!.*s3cret)/],
  ['a parameter of a REST address', { url: 'https://x.upstash.io?token=s3cret', token: 't' }, /^url: unknown parameter 'token'; (?!.*s3cret)/],
  ['a broken percent sign', { url: 'redis://u:100%@127.0.0.1' }, /^url: .*%25/],
]

/** The same for `tcp`. */
const REFUSED_BY_TCP: readonly (readonly [name: string, options: object, message: RegExp])[] = [
  ['an unknown option', { conectTimeout: 5 }, /^conectTimeout: unknown option\. Known: connectTimeout/],
  ['options that are none', 5 as unknown as object, /^options: expected an object, got 5/],
  ['a connectTimeout that timers cannot take', { connectTimeout: 2 ** 31 }, /^connectTimeout: .*2147483647/],
  ['a createClient that is no function', { createClient: 5 }, /^createClient: expected a function, got 5/],
  ['credentials that are no function', { credentials: { password: 'p' } }, /^credentials: expected a function/],
  ['tls that is no object', { tls: true }, /^tls: expected an object for tls\.connect, got true/],
]

describe('tcp refuses, naming the option', () => {
  test.each(REFUSED_BY_TCP)('%s', (_name, options, message) => {
    expect(() => tcp('rediss://127.0.0.1', options)).toThrow(message)
  })
})

describe('createCache refuses, naming the option', () => {
  test.each(REFUSED)('%s', (_name, options, message) => {
    expect(() => createCache(options)).toThrow(message)
  })
})

test('no message quotes a password, a token or the URL that holds them', () => {
  const secrets = ['hunter2', 'tok-secret']
  const attempts = [
    { url: 'redis://user:hunter2@host:not-a-port' },
    { url: 'amqp://user:hunter2@host' },
    { url: 'redis://user:hunter2@host/app' },
    { url: 'redis://user:hunter2%@host' },
    // A plain parser takes the one for a scheme, and the beginning of the other for a host and a port.
    { url: 'hunter2:password@host:6379' },
    { url: 'redis://hunter2:12#34@host:6379' },
    { url: 'memory:', token: 'tok-secret', unknown: 'hunter2' },
    { url: 'memory:', token: 7, createClient: 'tok-secret' },
    { url: 'memory:', ttl: 'hunter2' },
  ]
  for (const options of attempts) {
    const message = messageOf(() => createCache(options as never))
    for (const secret of secrets) expect(message).not.toContain(secret)
  }
})

test('a write with an option that nobody knows is refused: its time to live would be none at all', async () => {
  const cache = createCache({ url: 'memory:' })
  await expect(cache.set('k', 1, { EX: 60 } as object)).rejects.toThrow(/^EX: unknown option\. Known: .*ttl/)
  await expect(cache.setMany([{ key: 'k', value: 1, expires: 60 } as SetEntry])).rejects.toThrow(/^expires: unknown option/)
  expect(await cache.get('k')).toBeUndefined()
})

test('options of one call and of an invocation are checked too', async () => {
  const cache = createCache({ url: 'memory:' })
  await expect(cache.get('k', { timeout: -5 })).rejects.toThrow(/^timeout: /)
  await expect(cache.get('k', { signal: {} as AbortSignal })).rejects.toThrow(/^signal: expected an AbortSignal/)
  await expect(cache.set('k', 1, { ttl: Number.NaN })).rejects.toThrow(/^ttl: /)
  await expect(cache.get(7 as never)).rejects.toThrow(/^key: expected a string, got number/)
  expect(() => cache.invocation({ deadline: 5 })).toThrow(/^deadline: expected an instant in epoch milliseconds/)
  expect(() => cache.invocation({ waitUntil: 1 as never })).toThrow(/^waitUntil: /)
  expect(() => cache.invocation({ timeout: 1 } as never)).toThrow(/^invocation\.timeout: unknown option/)
})

test('a signal is told by what it can do: on some edges that of a request is no instance of the global class', async () => {
  const signal = Object.assign(new EventTarget(), { aborted: false, reason: undefined }) as unknown as AbortSignal
  await using invocation = createCache({ url: 'memory:' }).invocation({ signal })
  expect(await invocation.lookup('k')).toEqual({ status: 'miss' })
  Object.assign(signal, { aborted: true }).dispatchEvent(new Event('abort'))
  expect(await invocation.lookup('k')).toMatchObject({ status: 'degraded' })
})

describe('fromEnv', () => {
  test('takes REDIS_URL first, then Upstash, then KV', () => {
    const rest = { UPSTASH_REDIS_REST_URL: 'https://a.upstash.io', UPSTASH_REDIS_REST_TOKEN: 't' }
    const kv = { KV_REST_API_URL: 'https://b.upstash.io', KV_REST_API_TOKEN: 'k' }
    expect(fromEnv({ REDIS_URL: 'redis://h', ...rest, ...kv })).toEqual({ url: 'redis://h' })
    expect(fromEnv({ ...rest, ...kv })).toEqual({ url: 'https://a.upstash.io', token: 't' })
    expect(fromEnv(kv)).toEqual({ url: 'https://b.upstash.io', token: 'k' })
  })
  test('never falls back to memory: nothing set, or set to nothing, is an error that names the variables', () => {
    expect(() => fromEnv({})).toThrow(/REDIS_URL.*UPSTASH_REDIS_REST_URL.*KV_REST_API_URL/)
    expect(() => fromEnv({ REDIS_URL: '' })).toThrow(/no Redis is configured/)
  })
  test('a REST URL without its token is an error that names the token', () => {
    expect(() => fromEnv({ UPSTASH_REDIS_REST_URL: 'https://a.upstash.io' })).toThrow(/UPSTASH_REDIS_REST_TOKEN is not/)
  })
  test('where only REST works the pair of REST comes first, and an address for TCP is left for tcp(url)', () => {
    const rest = { UPSTASH_REDIS_REST_URL: 'https://a.upstash.io', UPSTASH_REDIS_REST_TOKEN: 't' }
    const kv = { KV_REST_API_URL: 'https://b.upstash.io', KV_REST_API_TOKEN: 'k' }
    expect(edge.fromEnv({ REDIS_URL: 'redis://h', ...kv, ...rest })).toEqual({ url: 'https://a.upstash.io', token: 't' })
    expect(edge.fromEnv({ REDIS_URL: 'redis://h', ...kv })).toEqual({ url: 'https://b.upstash.io', token: 'k' })
    expect(edge.fromEnv({ REDIS_URL: 'redis://h' })).toEqual({ url: 'redis://h' })
    for (const url of ['redis+cluster://h,h2:7001', 'REDISS-sentinel://s1,s2/mymaster']) expect(edge.fromEnv({ REDIS_URL: url })).toEqual({ url })
    expect(() => edge.createCache(edge.fromEnv({ REDIS_URL: 'redis://h' }))).toThrow(/needs TCP.*REDIS_URL.*UPSTASH_REDIS_REST_URL/)
  })
  test.each<[Record<string, string>, RegExp]>([
    [{ REDIS_URL: 'hunter2@h:6379' }, /^fromEnv: REDIS_URL: cannot be parsed/],
    [{ REDIS_URL: 'amqp://:hunter2@h' }, /^fromEnv: REDIS_URL: unknown scheme 'amqp:'/],
    [{ REDIS_URL: 'https://a.upstash.io' }, /^fromEnv: REDIS_URL: required with an https: URL/],
    [{ KV_REST_API_URL: 'a.upstash.io', KV_REST_API_TOKEN: 'hunter2' }, /^fromEnv: KV_REST_API_URL: cannot be parsed/],
    [{ KV_REST_API_URL: 'https://x:hunter2@h', KV_REST_API_TOKEN: 'k' }, /^fromEnv: KV_REST_API_URL: a REST address holds no user/],
    [{ UPSTASH_REDIS_REST_URL: 'https://h', UPSTASH_REDIS_REST_TOKEN: 'hunter2\n' }, /^fromEnv: UPSTASH_REDIS_REST_TOKEN: has characters/],
  ])('an error names the variable, and no part of what it holds', (env, message) => {
    for (const read of [fromEnv, edge.fromEnv]) {
      expect(() => read(env)).toThrow(message)
      expect(messageOf(() => read(env))).not.toContain('hunter2')
    }
  })
  test('a variable that may not be set is an address that types take, and one that is required', () => {
    const env: Readonly<Record<string, string | undefined>> = {}
    expect(() => createCache({ url: env['REDIS_URL'], token: env['TOKEN'], memory: true })).toThrow(/^url: required/)
  })
  test('an address for TCP that cannot be used is an error that names REDIS_URL', () => {
    expect(() => fromEnv({ REDIS_URL: 'redis://h/x' })).toThrow(/^fromEnv: REDIS_URL: /)
  })
})

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return String(error)
  }
  throw new Error('expected the options to be refused')
}

test.each([
  ['createKeyv', () => createKeyv('redis://127.0.0.1', { nonsense: 1 } as never), ['clearTimeout', 'emitErrors', 'timeout'], ['ttl', 'serializer']],
  ['fastmiss/unstorage', () => unstorageDriver({ url: 'redis://127.0.0.1', nonsense: 1 } as never), ['scanTimeout', 'ttl'], ['clearTimeout']],
  ['fastmiss/next', () => cacheHandler({ url: 'redis://127.0.0.1', nonsense: 1 } as never), ['buildId', 'timeout'], ['scanTimeout']],
])('an unknown option of %s is answered with the options that it knows, and no others', (_name, make, known, others) => {
  const message = messageOf(make)
  expect(message).toMatch(/^TypeError: nonsense: unknown option\. Known: /)
  for (const name of known) expect(message).toMatch(new RegExp(`\\b${name}\\b`))
  for (const name of others) expect(message).not.toMatch(new RegExp(`\\b${name}\\b`))
})
