import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { createClient } from '@redis/client'
import { expect, test } from 'vitest'
import { faultProxy, type FaultProxyOptions, startRedis } from '../../src/testing/index.ts'
import { echoServer } from './support/echo-server.ts'
import { tcpClient } from './support/tcp-client.ts'

test('a healthy proxy passes bytes both ways, counts them and keeps the rest of the url', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  client.socket.write('hello')

  expect((await client.bytes(5)).toString()).toBe('hello')
  expect(proxy.url).toBe(server.url.replace(/:\d+\//, `:${proxy.port}/`))
  expect(proxy.counters).toEqual({ connections: 1, open: 1, requestBytes: 5, replyBytes: 5 })
  client.socket.destroy()
  await proxy.until(({ open }) => open === 0)
  expect(proxy.events.map(({ type }) => type)).toEqual(['connect', 'request', 'reply', 'close'])
})

test('a large value arrives whole', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  const value = randomBytes(8_388_608)
  client.socket.write(value)

  expect((await client.bytes(value.length)).equals(value)).toBe(true)
})

test('a client that ends its side still gets the answer', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  client.socket.end('last words')

  expect(await client.ended).toBe('close')
  expect(client.received().toString()).toBe('last words')
})

test('refuse resets what is open and refuses what comes, until healthy is back on the same port', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  await proxy.set('refuse')

  expect(await client.ended).toBe('ECONNRESET')
  await expect(tcpClient(proxy.port)).rejects.toThrow('ECONNREFUSED')
  expect(proxy.counters).toMatchObject({ connections: 1, open: 0 })
  await proxy.set('healthy')
  await using next = await tcpClient(proxy.port)
  next.socket.write('back')
  expect((await next.bytes(4)).toString()).toBe('back')
})

test.runIf(process.platform === 'linux')('blackhole leaves a new connection in SYN_SENT', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await proxy.set('blackhole')
  const sockets = Array.from({ length: 5 }, () => connect(proxy.port, '127.0.0.1').on('error', () => {}))

  await expect.poll(() => states(proxy.port)).toEqual(Array.from(sockets, () => 'SYN_SENT'))
  expect(proxy.counters.connections).toBe(0)
  for (const socket of sockets) socket.destroy()
})

test('a connection that waits in a blackhole is accepted when it is gone', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await proxy.set('blackhole')
  const socket = connect(proxy.port, '127.0.0.1')
  // Its SYN is on its way only after this turn.
  await new Promise((resolve) => setImmediate(resolve))
  await proxy.set('healthy')
  await Promise.all([once(socket, 'connect'), proxy.until(({ connections }) => connections === 1)])
  socket.destroy()
}, 15_000)

test('in a blackhole nothing moves on an open connection, and nothing is lost', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  await proxy.set('blackhole')
  client.socket.write('held')
  await proxy.until(({ requestBytes }) => requestBytes === 4)

  expect(server.received().length).toBe(0)
  await proxy.set('healthy')
  expect((await client.bytes(4)).toString()).toBe('held')
})

test('silent accepts and swallows, and the connection is reset when it is over', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await proxy.set('silent')
  await using client = await tcpClient(proxy.port)
  client.socket.write('anybody?')
  await proxy.until(({ requestBytes }) => requestBytes === 8)
  await proxy.set('healthy')

  expect(await client.ended).toBe('ECONNRESET')
  expect(client.received().length + server.received().length).toBe(0)
})

test('reset resets what is open, and new connections at their first bytes', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using before = await tcpClient(proxy.port)
  await proxy.set('reset')
  await using after = await tcpClient(proxy.port)
  after.socket.write('PING')

  expect(await before.ended).toBe('ECONNRESET')
  expect(await after.ended).toBe('ECONNRESET')
  expect(proxy.counters).toMatchObject({ connections: 2, open: 0 })
})

test.for([
  { then: 'close', ended: 'close' },
  { then: 'reset', ended: 'ECONNRESET' },
] as const)('halfReply passes so many bytes and then ends with a $then', async ({ then, ended }) => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  await proxy.set('halfReply', { bytes: 3, then })
  client.socket.write('hello')

  expect(await client.ended).toBe(ended)
  expect(client.received().toString()).toBe('hel')
})

test('halfReply stalls after half of the next reply', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  await proxy.set('halfReply')
  client.socket.write('12345678')

  expect((await client.bytes(4)).toString()).toBe('1234')
  client.socket.write('more')
  await proxy.until(({ requestBytes }) => requestBytes === 12)
  expect(proxy.counters).toMatchObject({ open: 1, replyBytes: 4 })
})

test('slow holds every reply back for so long, in order', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await proxy.set('slow', { delay: 80 })
  await using client = await tcpClient(proxy.port)
  const startedAt = performance.now()
  client.socket.write('one')
  await proxy.until(({ requestBytes }) => requestBytes === 3)
  client.socket.write('two')

  expect((await client.bytes(6)).toString()).toBe('onetwo')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(79)
})

test('what is still on its way arrives at once when slow is over', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await proxy.set('slow', { delay: 60_000 })
  await using client = await tcpClient(proxy.port)
  client.socket.write('one')
  await expect.poll(() => server.received().toString()).toBe('one')
  await proxy.set('healthy')
  client.socket.write('two')

  expect((await client.bytes(6)).toString()).toBe('onetwo')
})

test('latency makes each round trip twice as long as one way', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const client = await redisClient(proxy.url)
  await proxy.set('latency', { delay: 30 })
  const startedAt = performance.now()
  await client.ping()
  const one = performance.now() - startedAt
  await client.ping()
  const two = performance.now() - startedAt

  expect(one).toBeGreaterThanOrEqual(59)
  expect(two - one).toBeGreaterThanOrEqual(59)
  client.destroy()
})

test('drip hands a reply over byte by byte', async () => {
  await using server = await echoServer()
  const pieces: number[] = []
  await using proxy = await faultProxy({
    target: server.url,
    onEvent: (event) => event.type === 'reply' && pieces.push(event.bytes),
  })
  await proxy.set('drip', { delay: 5 })
  await using client = await tcpClient(proxy.port)
  client.socket.write('hello')

  expect((await client.bytes(5)).toString()).toBe('hello')
  expect(pieces).toEqual([1, 1, 1, 1, 1])
})

test('garbage answers what no client can read, and the target sees nothing', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await proxy.set('garbage')
  await using client = await tcpClient(proxy.port)
  client.socket.write('PING\r\n')

  expect((await client.bytes(1))[0]).toBe(0)
  expect(server.received().length).toBe(0)
})

test('freeze loses nothing, and a client that leaves meanwhile is noticed', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const client = await redisClient(proxy.url)
  await proxy.set('freeze')
  const pending = client.incr('count')
  await using leaver = await tcpClient(proxy.port)
  await proxy.until(({ open }) => open === 2)
  leaver.socket.destroy()
  await proxy.until(({ open }) => open === 1)
  await proxy.set('healthy')

  expect(await pending).toBe(1)
  client.destroy()
})

test('who waits for a count that cannot come any more is told so once the proxy has stopped', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  await proxy.until(({ connections }) => connections === 1)
  const closed = proxy.until(({ open }) => open === 0)
  const never = proxy.until(({ connections }) => connections === 2)
  const refused = expect(never).rejects.toThrow('the proxy was stopped')
  await proxy.stop()

  await refused
  await closed
  await expect(proxy.until(({ connections }) => connections === 3)).rejects.toThrow('the proxy was stopped')
  await proxy.until(({ connections }) => connections === 1)
  client.socket.destroy()
})

test('a condition that throws is told to who waits, and ends nobody else', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  const faulty = proxy.until(({ connections }) => {
    if (connections === 1) throw new RangeError('mine')
    return false
  })
  const told = expect(faulty).rejects.toThrow('mine')
  await using client = await tcpClient(proxy.port)
  client.socket.write('hello')

  await told
  expect((await client.bytes(5)).toString()).toBe('hello')
})

test('a port that was left to refuse is not given to the next proxies', async () => {
  await using server = await echoServer()
  await using refusing = await faultProxy({ target: server.url })
  await refusing.set('refuse')
  const others = await Promise.all(Array.from({ length: 50 }, async () => faultProxy({ target: server.url })))
  const ports = others.map(({ port }) => port)
  await Promise.all(others.map((one) => one.stop()))

  expect(ports).not.toContain(refusing.port)
  expect(new Set(ports).size).toBe(50)
  await refusing.set('healthy')
})

test('huge answers with one string of so many bytes', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await proxy.set('huge', { bytes: 1_000_000 })
  await using client = await tcpClient(proxy.port)
  client.socket.write('GET')

  const reply = await client.bytes(1_000_000 + '$1000000\r\n\r\n'.length)
  expect(reply.subarray(0, 11).toString()).toBe('$1000000\r\nx')
})

test('reroute resets what is open and leads to another server, until it is over', async () => {
  await using server = await echoServer()
  await using other = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using before = await tcpClient(proxy.port)
  await proxy.set('reroute', { target: other.url })

  expect(await before.ended).toBe('ECONNRESET')
  await using during = await tcpClient(proxy.port)
  during.socket.write('astray')
  expect((await during.bytes(6)).toString()).toBe('astray')
  expect([server.received().length, other.received().toString()]).toEqual([0, 'astray'])
  await proxy.set('healthy')
  expect(await during.ended).toBe('ECONNRESET')
  await using after = await tcpClient(proxy.port)
  after.socket.write('home')
  expect((await after.bytes(4)).toString()).toBe('home')
  expect(server.received().toString()).toBe('home')
})

test('reroute without a url to go to is refused, and nothing changes', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })

  await expect(proxy.set('reroute')).rejects.toThrow(TypeError)
  expect(proxy.fault).toBe('healthy')
})

test('a fault that does not exist is refused, and nothing changes', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)

  // What a caller without types would do: it must not pass for silence.
  await expect(proxy.set('blackHole' as 'blackhole')).rejects.toThrow("set: unknown fault 'blackHole'. Known: healthy, refuse, blackhole,")
  expect(proxy.fault).toBe('healthy')
  client.socket.write('x')
  expect((await client.bytes(1)).toString()).toBe('x')
})

test('a large reply to a client that does not read is no leak of listeners, whatever held it back', { timeout: 20_000 }, async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  const warnings: Error[] = []
  const warn = (warning: Error): unknown => warnings.push(warning)
  process.on('warning', warn)

  const sent = randomBytes(8_000_000)
  await proxy.set('freeze')
  client.socket.write(sent)
  client.socket.pause()
  await proxy.until(({ requestBytes }) => requestBytes === sent.length)
  await proxy.set('slow', { delay: 50 })
  // Everything is held back, and then comes at once.
  await new Promise((resolve) => setTimeout(resolve, 400))
  client.socket.resume()

  expect((await client.bytes(sent.length)).equals(sent)).toBe(true)
  process.removeListener('warning', warn)
  expect(warnings).toEqual([])
})

test('closeIdle closes a connection on which nothing moves', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  await proxy.set('closeIdle', { delay: 30 })

  expect(await client.ended).toBe('close')
  expect(proxy.counters.open).toBe(0)
})

test('cut closes what is open, once', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await using client = await tcpClient(proxy.port)
  client.socket.write('x')
  await client.bytes(1)
  proxy.cut()

  expect(await client.ended).toBe('close')
  await using next = await tcpClient(proxy.port)
  next.socket.write('y')
  expect((await next.bytes(1)).toString()).toBe('y')
})

test('a target that is gone resets the client and is logged', async () => {
  const server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await server[Symbol.asyncDispose]()
  await using client = await tcpClient(proxy.port)

  expect(await client.ended).toBe('ECONNRESET')
  expect(proxy.events).toContainEqual(expect.objectContaining({ type: 'targetFailed', code: 'ECONNREFUSED' }))
})

test('faults asked for at once come one after the other', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url })
  await Promise.all((['refuse', 'blackhole', 'silent', 'blackhole', 'refuse', 'healthy'] as const).map((it) => proxy.set(it)))
  await using client = await tcpClient(proxy.port)
  client.socket.write('x')

  expect((await client.bytes(1)).toString()).toBe('x')
  expect(proxy.fault).toBe('healthy')
})

test('after stop the port is free, whatever the fault', async () => {
  await using server = await echoServer()
  const proxy = await faultProxy({ target: server.url })
  await proxy.set('blackhole')
  await proxy.stop()
  await proxy.stop()

  await expect(tcpClient(proxy.port)).rejects.toThrow('ECONNREFUSED')
})

test.for(['healthy', 'blackhole', 'silent', 'freeze'] as const)('a process that forgets to stop a %s proxy ends by itself', async (fault) => {
  const program = `
      import { faultProxy } from '${new URL('../../src/testing/index.ts', import.meta.url).href}'
      const proxy = await faultProxy({ target: 'tcp://127.0.0.1:1' })
      await proxy.set('${fault}')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' })

  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a proxy that is stopped while the end of a connection is on the way lets its process end', { timeout: 10_000 }, async () => {
  await using server = await echoServer()
  const program = `
      import { once } from 'node:events'
      import { connect } from 'node:net'
      import { faultProxy } from '${new URL('../../src/testing/index.ts', import.meta.url).href}'
      const proxy = await faultProxy({ target: '${server.url}' })
      const client = connect(proxy.port, '127.0.0.1')
      client.on('error', () => {})
      client.write('hello')
      await once(client, 'data')
      proxy.cut('close')
      await proxy.stop()
      client.destroy()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit', timeout: 8_000 })

  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a proxy that was stopped stays so: a fault that comes later takes no port again', async () => {
  await using server = await echoServer()
  const proxy = await faultProxy({ target: server.url })
  await proxy.stop()

  await expect(proxy.set('healthy')).rejects.toThrow('set: the proxy was stopped')
  await expect(tcpClient(proxy.port)).rejects.toThrow('ECONNREFUSED')
  await proxy.stop()
})

test('port 0 is any free one', async () => {
  await using server = await echoServer()
  await using proxy = await faultProxy({ target: server.url, port: 0 })
  await using client = await tcpClient(Number(new URL(proxy.url).port))
  client.socket.write('x')

  expect((await client.bytes(1)).toString()).toBe('x')
})

test.each<[unknown, RegExp]>([
  [{ target: 'redis://localhost', prt: 1 }, /^prt: unknown option. Known: target, port, onEvent/],
  [{}, /^target: expected a URL/],
  [{ target: 'planted' }, /^target: expected a URL(?!.*planted)/],
])('%j is refused in words', async (options, message) => {
  await expect(faultProxy(options as FaultProxyOptions)).rejects.toThrow(message)
})

test('a target without a port is refused', async () => {
  await expect(faultProxy({ target: 'tcp://127.0.0.1' })).rejects.toThrow('a URL with a port')
})

async function redisClient(url: string) {
  const client = createClient({ url, RESP: 2, disableClientInfo: true, socket: { reconnectStrategy: false } })
  // The pending command says the same.
  client.on('error', () => {})
  await client.connect()
  return client
}

const STATES: Readonly<Record<string, string>> = { '01': 'ESTABLISHED', '02': 'SYN_SENT' }

/** What the kernel says of the connections to a port, the proxy's own fillers aside. */
async function states(port: number): Promise<readonly string[]> {
  const table = await readFile('/proc/net/tcp', 'utf8')
  const remote = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , address]) => address?.endsWith(`:${remote}`))
    .map(([, , , state]) => STATES[state ?? ''] ?? 'other')
    .filter((state) => state === 'SYN_SENT')
}
