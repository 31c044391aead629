import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CacheError, type Reason } from '../../src/errors.ts'
import { freePort } from '../../src/testing/free-port.ts'
import { faultProxy, type GatewayFault, type LocalRedis, type LocalUpstash, startRedis, startUpstash } from '../../src/testing/index.ts'
import { http } from '../../src/transport/http/http.ts'
import type { Connection, Reply } from '../../src/transport/transport.ts'

/** ms; generous enough for a busy machine, and far from the two seconds of `slow`. */
const TIMEOUT = 400
const SECRETS = ['planted-key', 'planted-value', 'planted-token']

let redis: LocalRedis
let gateway: LocalUpstash

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

async function start(): Promise<LocalUpstash> {
  gateway = await startUpstash({ redis: redis.url, token: 'planted-token' })
  return gateway
}

function open(maxReplyBytes = 1_000_000): Connection {
  return http({ url: gateway.url, token: gateway.token, maxReplyBytes }).open()
}

function send(connection: Connection, ...commands: string[][]): Promise<readonly Reply[]> {
  return connection.send(commands, Date.now() + TIMEOUT)
}

function expectError(reply: Reply | undefined): CacheError {
  if (!(reply instanceof CacheError)) throw new TypeError(`expected an error, got ${JSON.stringify(reply)}`)
  const told = JSON.stringify([reply.message, reply.stack, reply.cause, reply])
  for (const secret of SECRETS) expect(told).not.toContain(secret)
  return reply
}

describe('healthy', () => {
  test('a pipeline is one request, and its replies come in order', async () => {
    await using _ = await start()
    const connection = open()
    const replies = await send(connection, ['SET', 'a', '1'], ['GET', 'a'], ['GET', 'nothing'], ['DEL', 'a'], ['SCAN', '0', 'MATCH', 'x*'])

    expect(replies).toEqual(['OK', '1', null, 1, ['0', []]])
    expect(gateway.requests).toBe(1)
    expect(connection.isUsable).toBe(true)
  })

  test('text comes back as it was stored, whatever is in it', async () => {
    await using _ = await start()
    const text = `:"\\ \u0000\u2028 😀 ${String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))} 007 1e3 null`

    expect(await send(open(), ['SET', 'text', text], ['GET', 'text'])).toEqual(['OK', text])
  })

  test('one failed command fails its own slot only, and its error quotes nothing', async () => {
    await using _ = await start()
    const connection = open()
    const replies = await send(connection, ['SET', 'planted-key', 'planted-value'], ['INCR', 'planted-key'], ['EXISTS', 'planted-key'])

    expect([replies[0], replies[2]]).toEqual(['OK', 1])
    const error = expectError(replies[1])
    expect(error).toMatchObject({ code: 'reply', isFatal: false, isOutage: false })
    expect(connection.isUsable).toBe(true)
  })

  test('more than 10 MB is several requests that keep the order', async () => {
    await using _ = await start()
    const big = 'x'.repeat(6_000_000)
    const commands = [
      ['SET', 'big', big],
      ['SET', 'big', `${big}y`],
      ['STRLEN', 'big'],
    ]
    const replies = await open().send(commands, Date.now() + 10_000)

    expect(replies).toEqual(['OK', 'OK', 6_000_001])
    expect(gateway.requests).toBe(2)
  })

  test('the sync token goes with the next request of the same connection, and with no other', async () => {
    const tokens: unknown[] = []
    const server = createServer((request, response) => {
      tokens.push(request.headers['upstash-sync-token'])
      response.setHeader('upstash-sync-token', `token-${tokens.length}`).end('[{"result":"PONG"}]')
    })
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const transport = http({ url: `http://127.0.0.1:${port}/`, token: 't' })
    const connection = transport.open()
    await send(connection, ['PING'])
    await send(connection, ['PING'])
    await send(transport.open(), ['PING'])
    server.closeAllConnections()
    server.close()

    expect(tokens).toEqual([undefined, 'token-1', undefined])
  })
})

describe('faults', () => {
  const cases: readonly [GatewayFault, Reason, { isFatal: boolean; isOutage: boolean }][] = [
    ['noHeaders', 'timeout', { isFatal: true, isOutage: true }],
    ['bodyStops', 'timeout', { isFatal: true, isOutage: true }],
    ['slow', 'timeout', { isFatal: true, isOutage: true }],
    ['bodyBreaks', 'unreachable', { isFatal: true, isOutage: true }],
    ['reset', 'unreachable', { isFatal: true, isOutage: true }],
    ['500', 'reply', { isFatal: true, isOutage: true }],
    ['429', 'reply', { isFatal: true, isOutage: true }],
    ['401', 'auth', { isFatal: true, isOutage: true }],
    ['html', 'protocol', { isFatal: true, isOutage: true }],
    ['badJson', 'protocol', { isFatal: true, isOutage: true }],
    ['wrongShape', 'protocol', { isFatal: true, isOutage: true }],
    ['redirect', 'protocol', { isFatal: true, isOutage: true }],
    ['redirectLoop', 'protocol', { isFatal: true, isOutage: true }],
    ['huge', 'oversize', { isFatal: false, isOutage: false }],
  ]

  test.each(cases)('%s is %s after one request, in time, and quotes nothing', async (fault, code, flags) => {
    await using _ = await start()
    gateway.set(fault)
    const connection = open()
    const startedAt = Date.now()
    const replies = await send(connection, ['SET', 'planted-key', 'planted-value'], ['GET', 'planted-key'])

    expect(Date.now() - startedAt).toBeLessThan(TIMEOUT + 300)
    expect(replies).toHaveLength(2)
    for (const reply of replies) expect(expectError(reply)).toMatchObject({ code, ...flags, ...(code === 'timeout' ? { phase: 'command' } : {}) })
    expect(connection.isUsable).toBe(!flags.isFatal)
    expect(gateway.requests).toBe(1)
  })

  test('replies that are too large together come in several requests; only one that is too large by itself is oversize', async () => {
    await using _ = await start()
    const connection = open()
    const texts = Array.from({ length: 5 }, (__, index) => String(index).repeat(400_000))
    await connection.send([['SET', 'huge', 'x'.repeat(1_200_000)], ...texts.map((text, index) => ['SET', `k${index}`, text])], Date.now() + 10_000)
    const asked = ['k0', 'k1', 'huge', 'k2', 'k3', 'nothing', 'k4'].map((key) => ['GET', key])
    const replies = await connection.send(asked, Date.now() + 10_000)

    expect(expectError(replies[2])).toMatchObject({ code: 'oversize', isFatal: false })
    expect(replies.toSpliced(2, 1)).toEqual([texts[0], texts[1], texts[2], texts[3], null, texts[4]])
    expect(connection.isUsable).toBe(true)
  })

  test('a server whose every answer is too large is not asked without end', async () => {
    await using _ = await start()
    gateway.set('huge', { bytes: 100_000 })
    const commands = Array.from({ length: 1_000 }, () => ['GET', 'planted-key'])
    const replies = await open(10_000).send(commands, Date.now() + 10_000)

    expect(replies).toHaveLength(1_000)
    expect(new Set(replies.map((reply) => expectError(reply).code))).toEqual(new Set(['oversize']))
    expect(gateway.requests).toBeLessThanOrEqual(31)
  })

  test.each([3, 5, 9])('a batch of %i whose every answer is too large is asked for in no more requests than it has commands', async (count) => {
    await using _ = await start()
    gateway.set('huge', { bytes: 100_000 })
    const replies = await open(10_000).send(
      Array.from({ length: count }, () => ['GET', 'planted-key']),
      Date.now() + 10_000,
    )
    expect(replies.map((reply) => expectError(reply).code)).toEqual(Array.from({ length: count }, () => 'oversize'))
    expect(gateway.requests).toBeGreaterThan(1)
    expect(gateway.requests).toBeLessThanOrEqual(count)
  })

  test('a batch that takes too long to be asked for again is no outage', async () => {
    let asked = 0
    const server = createServer((_, response) => {
      asked += 1
      // Too large at first, and silence from then on.
      if (asked === 1) response.writeHead(200, { 'content-length': '100000' }).write('[')
    })
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const connection = http({ url: `http://127.0.0.1:${port}/`, token: 't', maxReplyBytes: 10_000 }).open()
    const command = ['GET', 'planted-key']
    const replies = await send(connection, command, command, command)
    server.closeAllConnections()
    server.close()

    expect(asked).toBe(2)
    for (const reply of replies) expect(expectError(reply)).toMatchObject({ code: 'timeout', isFatal: true, isOutage: false })
    expect(connection.isUsable).toBe(false)
  })

  test('an answer that is not HTTP is a wrong protocol', async () => {
    await using _ = await start()
    await using proxy = await faultProxy({ target: gateway.url })
    await proxy.set('garbage')
    const connection = http({ url: proxy.url, token: 'planted-token' }).open()

    expect(expectError((await send(connection, ['GET', 'planted-key']))[0])).toMatchObject({ code: 'protocol', isFatal: true, isOutage: true })
  })

  test('a refused port and an unknown host are unreachable', async () => {
    const refused = http({ url: `http://127.0.0.1:${await freePort()}`, token: 'planted-token' }).open()
    const unknown = http({ url: 'http://nobody.invalid', token: 'planted-token' }).open()

    expect(expectError((await send(refused, ['GET', 'planted-key']))[0])).toMatchObject({ code: 'unreachable', isOutage: true })
    expect(expectError((await unknown.send([['GET', 'planted-key']], Date.now() + 3_000))[0]).code).toMatch(/unreachable|timeout/)
  })

  test('a pooled connection that died is replaced by one fresh try; a server that resets everything is not asked twice again', async () => {
    await using _ = await start()
    const transport = http({ url: gateway.url, token: gateway.token })
    expect(await send(transport.open(), ['PING'])).toEqual(['PONG'])
    // fetch takes a connection back into its pool a moment after the answer, and tells nobody.
    await new Promise((resolve) => setTimeout(resolve, 50))
    gateway.set('resetPooled')
    expect(await send(transport.open(), ['PING'])).toEqual(['PONG'])
    expect(gateway.requests).toBe(3)

    gateway.set('reset')
    expect(expectError((await send(transport.open(), ['PING']))[0]).code).toBe('unreachable')
    expect(gateway.requests).toBe(5)
    expect(expectError((await send(transport.open(), ['PING']))[0]).code).toBe('unreachable')
    expect(gateway.requests).toBe(6)
  })

  test('after a failure the connection sends nothing more', async () => {
    await using _ = await start()
    gateway.set('500')
    const connection = open()
    await send(connection, ['PING'])
    gateway.set('healthy')

    expect(expectError((await send(connection, ['PING']))[0]).code).toBe('reply')
    expect(gateway.requests).toBe(1)
  })

  test('close ends what is pending at once', async () => {
    await using _ = await start()
    gateway.set('noHeaders')
    const connection = open()
    const pending = connection.send([['PING']], Date.now() + 10_000)
    connection.close()

    expect(expectError((await pending)[0])).toMatchObject({ code: 'closed', isOutage: false })
    expect(expectError((await send(connection, ['PING']))[0]).code).toBe('closed')
  })

  test('a blocked event loop does not make a healthy server sick', async () => {
    await using _ = await start()
    const connection = open()
    await send(connection, ['PING'])
    const pending = connection.send([['PING']], Date.now() + 100)
    await new Promise((resolve) => setTimeout(resolve, 1))
    const until = Date.now() + 300
    while (Date.now() < until);

    expect(await pending).toEqual(['PONG'])
  })
})

describe('options', () => {
  test.each([
    [{ url: 'redis://localhost', token: 't' }, /^url: expected https/],
    [{ url: 'https://:planted-token@a.upstash.io', token: 't' }, /^url: .*no user or password/],
    [{ url: 'https://a.upstash.io', token: undefined }, /^token: required/],
    [{ url: 'https://a.upstash.io', token: 'planted-token\n' }, /^token: has characters/],
    [{ url: 'https://a.upstash.io', token: 't', maxReplyBytes: 0 }, /^maxReplyBytes: /],
  ])('a bad option is refused by name, without quoting it (%#)', (options, message) => {
    expect(() => http(options)).toThrow(message)
    expect(() => http(options)).not.toThrow(/planted/)
  })
})
