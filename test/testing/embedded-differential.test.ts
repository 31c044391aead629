import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalRedis, startRedis } from '../../src/testing/index.ts'
import { rawRedis } from './support/raw-redis.ts'
import { commandsOf, SCRIPTS } from './support/redis-scripts.ts'

/** The real server says what is right: both are asked the same, and must answer the same bytes. */
let real: LocalRedis
let embedded: LocalRedis

beforeAll(async () => {
  real = await startRedis({ binary: 'redis-server' })
  embedded = await startRedis({ binary: 'embedded' })
})
afterAll(async () => {
  await embedded.stop()
  await real.stop()
})

interface Answers {
  readonly real: string
  readonly embedded: string
}

/** Asks both the same on connections of their own, on an empty server. */
async function askBoth(commands: readonly (readonly string[])[]): Promise<readonly Answers[]> {
  using one = await rawRedis(real.port)
  using other = await rawRedis(embedded.port)
  await Promise.all([one.ask(['FLUSHALL']), other.ask(['FLUSHALL'])])
  const answers: Answers[] = []
  /** EXEC answers for what was queued, and only then in no order. */
  let holdsUnordered = false
  for (const command of commands) {
    const [name = ''] = command
    const [fromReal, fromEmbedded] = await Promise.all([one.ask(command), other.ask(command)])
    const isUnordered: boolean = UNORDERED.has(name) || (name === 'EXEC' && holdsUnordered)
    if (name === 'EXEC' || name === 'DISCARD') holdsUnordered = false
    else if (isUnordered && fromReal === '+QUEUED\r\n') holdsUnordered = true
    answers.push({ real: comparable(command, fromReal, isUnordered), embedded: comparable(command, fromEmbedded, isUnordered) })
  }
  return answers
}

const UNORDERED = new Set(['SMEMBERS', 'HGETALL', 'HKEYS', 'HVALS', 'KEYS', 'SCAN'])

/** Redis promises no order of members, fields and keys, and counts its clients in its own way. */
function comparable(command: readonly string[], answer: string, isUnordered: boolean): string {
  const text = answer.replace(/(\$2\r\nid\r\n):\d+/, '$1:id')
  const line = `${command.join(' ').slice(0, 200)} -> `
  return line + (isUnordered ? text.split('\r\n').toSorted().join('\r\n') : text)
}

function differences(answers: readonly Answers[]): readonly Answers[] {
  return answers.filter((answer) => answer.real !== answer.embedded)
}

test.each(Object.entries(SCRIPTS))('%s: every answer is that of redis-server, byte for byte', async (_, script) => {
  const commands = commandsOf(script)
  const answers = await askBoth(commands)
  expect(commands.length).toBeGreaterThan(5)
  expect(differences(answers)).toEqual([])
})

const key = fc.constantFrom('a', 'b', 'c')
const value = fc.constantFrom('', '1', '-7', 'x', 'yy', '10', '\r\n', '\u0000\u00ff', '9223372036854775807')
const member = fc.constantFrom('m', 'n', '1', '2', '')
/** Far enough away that no clock matters. */
const seconds = fc.constantFrom('1000', '2000', '3000')
/** Never twice the same, as good as never: whether one end of life lies behind an equal one depends on the millisecond in between. */
const compared = fc.noBias(fc.integer({ min: 4, max: 100_000 })).map((thousands) => `${thousands}000`)

const command = fc.oneof(
  fc.tuple(fc.constant('SET'), key, value),
  fc.tuple(fc.constant('SET'), key, value, fc.constantFrom('NX', 'XX', 'GET', 'KEEPTTL', 'EX', 'nx')),
  fc.tuple(fc.constant('SET'), key, value, fc.constantFrom('NX', 'XX', 'GET'), fc.constantFrom('EX', 'PX'), seconds),
  fc.tuple(
    fc.constantFrom('GET', 'GETDEL', 'STRLEN', 'INCR', 'DECR', 'TYPE', 'TTL', 'PERSIST', 'SMEMBERS', 'SCARD', 'HGETALL', 'HLEN', 'HKEYS'),
    key,
  ),
  fc.tuple(fc.constantFrom('DEL', 'UNLINK', 'EXISTS', 'MGET', 'WATCH'), key, key),
  fc.tuple(fc.constantFrom('APPEND', 'SETNX', 'GETSET', 'INCRBY', 'DECRBY'), key, value),
  fc.tuple(fc.constantFrom('SADD', 'SREM', 'HDEL', 'SMISMEMBER', 'HMGET'), key, member, member),
  fc.tuple(fc.constantFrom('HSET', 'MSET', 'MSETNX'), key, member, value),
  fc.tuple(fc.constant('HSET'), key, member, value, member, value),
  fc.tuple(fc.constantFrom('EXPIRE', 'PEXPIRE'), key, compared, fc.constantFrom('NX', 'XX', 'GT', 'LT')),
  fc.tuple(fc.constantFrom('GETEX'), key, fc.constantFrom('EX', 'PX'), seconds),
  fc.tuple(fc.constantFrom('MULTI', 'EXEC', 'DISCARD', 'UNWATCH', 'DBSIZE', 'FLUSHDB')),
  fc.tuple(fc.constantFrom('KEYS'), fc.constantFrom('*', '[ab]', '?', '^', 'c')),
)

test('whatever is asked in whatever order, the answers are those of redis-server', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('2', '3'), fc.array(command, { minLength: 5, maxLength: 60 }), async (protocol, commands) => {
      expect(differences(await askBoth([['HELLO', protocol], ...commands]))).toEqual([])
    }),
    { numRuns: 150 },
  )
})

test('a pattern fits the keys that it fits in redis-server', { timeout: 60_000 }, async () => {
  const letters = fc.constantFrom('a', 'b', 'c', '*', '?', '[', ']', '^', '-', '\\')
  const text = fc.string({ unit: letters, minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 20, maxLength: 40 }), fc.array(text, { minLength: 20, maxLength: 40 }), async (keys, patterns) => {
      const commands = [['MSET', ...keys.flatMap((name) => [name, '1'])], ...patterns.map((pattern) => ['KEYS', pattern])]
      expect(differences(await askBoth(commands))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

const malformed: readonly [name: string, bytes: string][] = [
  ['a count that is no number', '*abc\r\n'],
  ['a count beyond an int', '*2147483648\r\n'],
  ['an argument without its size', '*1\r\nPING\r\n'],
  ['a size that is no number', '*1\r\n$x\r\n'],
  ['a negative size', '*1\r\n$-1\r\n'],
  ['a size beyond all bounds', '*1\r\n$99999999999\r\n'],
  ['quotes that do not close', 'SET a "b\r\n'],
  ['a quote with something behind it', 'SET a "b"c\r\n'],
  ['a line without an end', 'x'.repeat(70_000)],
  ['a count without an end', `*${'1'.repeat(70_000)}`],
  ['HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\nQUIT\r\n'],
  ['a POST of a browser', 'POST / HTTP/1.1\r\n\r\n'],
  ['a command before the garbage', '*1\r\n$4\r\nPING\r\n*1\r\nPING\r\n'],
]

test.each(malformed)('%s is answered as redis-server answers it, and closed', async (_, bytes) => {
  using one = await rawRedis(real.port)
  using other = await rawRedis(embedded.port)
  const [fromReal, fromEmbedded] = await Promise.all([one.send(bytes), other.send(bytes)])
  expect(fromEmbedded).toBe(fromReal)
  expect(fromReal).toMatch(/-ERR Protocol error|^$/)
})

const lines = [
  'PING',
  'ping  ',
  '',
  '   ',
  'SET a "b c\\n\\x41\\"" ',
  "SET a 'it\\'s \\n'",
  'GET a',
  'ECHO ""',
  "ECHO ''",
  'SET  b\tc',
  'ECHO a\\b',
  'QUIT',
]

test('commands typed by hand are split as redis-server splits them', async () => {
  const typed = `${lines.join('\r\n')}\r\n`
  using one = await rawRedis(real.port)
  using other = await rawRedis(embedded.port)
  const [fromReal, fromEmbedded] = await Promise.all([one.send(typed), other.send(typed)])
  expect(fromEmbedded).toBe(fromReal)
})

describe('where a password is asked for', () => {
  // What a client sends of it is UTF-8; what a URL cannot hold as it is, redis-server's own command line must not read either.
  const password = 'pä ß"\'\\ \u{1F511}'
  let strict: readonly LocalRedis[]
  beforeAll(async () => {
    strict = await Promise.all((['redis-server', 'embedded'] as const).map((binary) => startRedis({ binary, password })))
  })
  afterAll(async () => void (await Promise.all(strict.map((redis) => redis.stop()))))

  test.each<[string, readonly (readonly string[])[]]>([
    ['the password as UTF-8', [['AUTH', utf8(password)], ['PING'], ['AUTH', 'wrong'], ['PING']]],
    ['HELLO without it', [['HELLO', '3'], ['PING'], ['HELLO', '3', 'AUTH', 'default', 'wrong'], ['PING']]],
    ['what is no command', [['NOSUCH'], ['GET'], ['CLIENT', 'FOO'], ['EXEC'], ['MULTI']]],
    ['a long request of a stranger', [['MSET', ...'abcdefghijkl']]],
    ['a long value of a stranger', [['SET', 'a', 'x'.repeat(16_385)]]],
    ['a request of a stranger that is not too long', [['SET', 'a', 'x'.repeat(16_384), ...'abcdefg']]],
  ])('%s: every answer is that of redis-server', async (_, commands) => {
    const [fromReal, fromEmbedded] = await Promise.all(
      strict.map(async ({ port }) => {
        using connection = await rawRedis(port)
        const answers: string[] = []
        for (const words of commands) answers.push(await connection.ask(words))
        return answers
      }),
    )
    expect(fromEmbedded).toEqual(fromReal)
  })
})

function utf8(text: string): string {
  return Buffer.from(text).toString('latin1')
}
