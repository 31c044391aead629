import { once } from 'node:events'
import { createServer } from 'node:net'
import { createCache, type CacheEvent, type CacheOptions } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'

/** A server that answers every command alike, by the text of its arguments. */
async function answering(answer: (command: string) => string) {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      for (const command of bytes
        .toString('latin1')
        .split(/^\*\d+\r\n/m)
        .slice(1))
        socket.write(answer(command))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    url: `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

function listened(options: CacheOptions) {
  const events: CacheEvent['type'][] = []
  return { cache: createCache({ timeout: 2_000, onEvent: ({ type }) => void events.push(type), ...options }), events }
}

const VALUE = '{"value":"v"}'
const hit = `$${VALUE.length}\r\n${VALUE}\r\n`

test.each(['no upstream host', 'upstream failure', 'ERR', 'err lower', '', 'Zone: 5', 'é', '-', 'x'.repeat(5_000), 'MOVED 1 127.0.0.1:1'])(
  'an error reply answers its own command and no other, whatever its text: %j',
  async (text) => {
    await using server = await answering((command) => (command.includes('dead') ? `-${text}\r\n` : hit))
    const { cache, events } = listened({ url: server.url })
    await using invocation = cache.invocation()
    const [dead, live] = await Promise.all([invocation.lookup('dead'), invocation.lookup('live')])
    expect(dead).toMatchObject({ status: 'degraded', reason: 'reply' })
    expect(live).toMatchObject({ status: 'hit', value: 'v' })
    expect(await invocation.lookup('live')).toMatchObject({ status: 'hit' })
    expect(server.connections()).toBe(1)
    expect(events).not.toContain('cooldown')
  },
)

test.each(['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-OpenSSH_9\r\n', '\u0015\u0003\u0001\u0000\u0002\u0002', 'xyz\r\n'])(
  'what is not RESP is protocol: %j',
  async (text) => {
    await using server = await answering(() => text)
    expect(await listened({ url: server.url }).cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'protocol' })
  },
)

test('protected mode is a cooldown', async () => {
  await using server = await answering(() => '-DENIED Redis is running in protected mode because …\r\n')
  const { cache, events } = listened({ url: server.url })
  expect(await cache.lookup('k')).toMatchObject({ reason: 'reply', error: { cause: { code: 'DENIED' } } })
  for (let call = 0; call < 20; call += 1) expect(await cache.lookup('k')).toMatchObject({ reason: 'cooldown' })
  expect(server.connections()).toBe(1)
  expect(events).toContain('cooldown')
})

test.each([
  ["-ERR wrong number of arguments for 'auth' command", 'auth'],
  ['-WRONGPASS invalid username-password pair', 'auth'],
  ['-ERR invalid password', 'auth'],
  ['-ERR Client sent AUTH, but no password is set', 'auth'],
  ['-no upstream host', 'reply'],
])('a handshake that is answered with %s is %s', async (text, reason) => {
  await using server = await answering((command) => (command.includes('AUTH') ? `${text}\r\n` : '-NOAUTH Authentication required.\r\n'))
  const url = server.url.replace('//', '//user:password@')
  expect(await listened({ url }).cache.lookup('k')).toMatchObject({ status: 'degraded', reason, phase: 'connect' })
})

test('a long value without the password is refused as a short one is, and remembered', async () => {
  await using redis = await startRedis({ password: 'secret' })
  const { cache, events } = listened({ url: redis.url.replace(/:secret@/, '') })
  expect(await cache.set('k', 'x'.repeat(20_000))).toBe(false)
  expect(events).toContain('cooldown')
  expect(await cache.lookup('k')).toMatchObject({ reason: 'cooldown' })
  const other = listened({ url: redis.url.replace(/:secret@/, '') }).cache
  expect(await other.setMany(Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, value: 1 })))).not.toContain(true)
  expect(await listened({ url: redis.url.replace(/:secret@/, '') }).cache.health()).toMatchObject({ status: 'degraded', reason: 'auth' })
})
