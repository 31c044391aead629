import { createCache, type CacheOptions, type CacheResult } from 'fastmiss'
import { expect, test } from 'vitest'
import { type FakeNode, fakeNode, slotsReply } from './support/fake-node.ts'

/** A cache over fake nodes. */
function over(node: FakeNode, options: CacheOptions = {}) {
  return createCache({ url: `redis+cluster://127.0.0.1:${node.port}`, timeout: 2_000, ...options })
}

function reasonOf(found: CacheResult<unknown>): string {
  return found.status === 'degraded' ? found.reason : found.status
}

/** How often a key was asked for. */
function gets(...nodes: readonly FakeNode[]): number {
  return nodes.flatMap(({ commands }) => commands).filter(([name]) => name === 'GET').length
}

const NO_MAP = '-ERR This instance has cluster support disabled\r\n'
const ENTRY = '$11\r\n{"value":1}\r\n'

test('MOVED to itself, over and over, is asked four times and is then the answer', async () => {
  await using node = await fakeNode(([name], { port }) => (name === 'GET' ? `-MOVED 0 127.0.0.1:${port}\r\n` : NO_MAP))
  const cache = over(node)
  expect(reasonOf(await cache.lookup('key'))).toBe('reply')
  expect(gets(node)).toBe(4)
  // It says nothing of the node.
  expect(cache.health).toBeDefined()
  expect(reasonOf(await cache.lookup('key'))).toBe('reply')
})

test('MOVED in a ring is asked four times', async () => {
  const ports: number[] = []
  const node = (next: number) => fakeNode(([name]) => (name === 'GET' ? `-MOVED 0 127.0.0.1:${ports[next]}\r\n` : NO_MAP))
  await using a = await node(1)
  await using b = await node(2)
  await using c = await node(0)
  ports.push(a.port, b.port, c.port)
  expect(reasonOf(await over(a).lookup('key'))).toBe('reply')
  expect(gets(a, b, c)).toBe(4)
})

test('ASK without end is asked four times, with ASKING before each but the first', async () => {
  await using node = await fakeNode(([name], { port }) => (name === 'GET' ? `-ASK 0 127.0.0.1:${port}\r\n` : name === 'ASKING' ? '+OK\r\n' : NO_MAP))
  expect(reasonOf(await over(node).lookup('key'))).toBe('reply')
  expect(gets(node)).toBe(4)
  expect(node.commands.filter(([name]) => name === 'ASKING')).toHaveLength(3)
})

test('ASK sends ASKING and the command, once, and changes nothing of the map', async () => {
  await using target = await fakeNode(([name]) => (name === 'GET' ? ENTRY : '+OK\r\n'))
  await using node = await fakeNode(([name], { port }) => {
    if (name === 'GET') return `-ASK 0 127.0.0.1:${target.port}\r\n`
    return name === 'CLUSTER' ? slotsReply([0, 16_383, '127.0.0.1', port, 'a']) : '+OK\r\n'
  })
  const cache = over(node)
  expect((await cache.lookup('key')).status).toBe('hit')
  expect((await cache.lookup('key')).status).toBe('hit')
  expect(target.commands.map(([name]) => name)).toEqual(['ASKING', 'GET', 'ASKING', 'GET'])
  expect(gets(node)).toBe(2)
})

test('a MOVED is followed, and the map is asked for in the pipeline that goes there', async () => {
  await using target = await fakeNode(([name], { port }) => {
    if (name === 'GET') return ENTRY
    return name === 'CLUSTER' ? slotsReply([0, 16_383, '127.0.0.1', port, 'b']) : '+OK\r\n'
  })
  await using node = await fakeNode(([name, word], { port }) => {
    if (name === 'GET') return `-MOVED 1 127.0.0.1:${target.port}\r\n`
    return name === 'CLUSTER' && word === 'SLOTS' ? slotsReply([0, 16_383, '127.0.0.1', port, 'a']) : '+OK\r\n'
  })
  const cache = over(node)
  expect(await cache.getMany(['a', 'b', 'c'])).toEqual([1, 1, 1])
  expect(target.commands.map(([name]) => name)).toEqual(['CLUSTER', 'GET', 'GET', 'GET'])
  expect(await cache.getMany(['a', 'b', 'c'])).toEqual([1, 1, 1])
  expect(gets(node)).toBe(3)
  await cache.close()
})

test('a MOVED without a host, and a map without one, mean the host that was asked', async () => {
  await using target = await fakeNode(([name]) => (name === 'GET' ? ENTRY : NO_MAP))
  await using node = await fakeNode(([name]) => (name === 'GET' ? `-MOVED 1 :${target.port}\r\n` : NO_MAP))
  expect((await over(node).lookup('key')).status).toBe('hit')
  await using other = await fakeNode(([name, word]) => {
    if (name === 'GET') return '-ERR not mine\r\n'
    return word === 'SLOTS' ? slotsReply([0, 16_383, null, target.port, 'a']) : '+OK\r\n'
  })
  const cache = over(other)
  await cache.lookup('key')
  expect((await cache.lookup('key')).status).toBe('hit')
})

test('CLUSTERDOWN is an error reply, no cooldown, and asks for the map anew', async () => {
  await using node = await fakeNode(([name], { port }) => {
    if (name === 'GET') return '-CLUSTERDOWN The cluster is down\r\n'
    return name === 'CLUSTER' ? slotsReply([0, 16_383, '127.0.0.1', port, 'a']) : '+PONG\r\n'
  })
  const cache = over(node)
  for (let turn = 0; turn < 5; turn += 1) expect(reasonOf(await cache.lookup('key'))).toBe('reply')
  expect(gets(node)).toBe(5)
  expect(node.commands.filter(([name, word]) => name === 'CLUSTER' && word === 'SLOTS')).toHaveLength(5)
})

test('a server that is no cluster answers for all keys', async () => {
  await using node = await fakeNode(([name]) => (name === 'GET' ? ENTRY : name === 'PING' ? '+PONG\r\n' : NO_MAP))
  const cache = over(node)
  expect(await cache.getMany(['a', 'b', 'c'])).toEqual([1, 1, 1])
  expect(await cache.health()).toMatchObject({ status: 'ok', nodes: { up: 1, of: 1 } })
})

test('a plain redis: URL never follows a MOVED', async () => {
  await using target = await fakeNode(() => ENTRY)
  await using node = await fakeNode(([name]) => (name === 'GET' ? `-MOVED 1 127.0.0.1:${target.port}\r\n` : '+OK\r\n'))
  const cache = createCache({ url: `redis://127.0.0.1:${node.port}`, timeout: 2_000 })
  expect(reasonOf(await cache.lookup('key'))).toBe('reply')
  expect(target.connections).toBe(0)
})

test('nodeAddress that gives nonsense makes the node unreachable, and nothing throws', async () => {
  await using node = await fakeNode(([name]) => (name === 'GET' ? ENTRY : NO_MAP))
  const cache = over(node, { nodeAddress: () => 'nonsense' })
  expect(reasonOf(await cache.lookup('key'))).toBe('unreachable')
  const throwing = over(node, {
    nodeAddress: () => {
      throw new Error('mine')
    },
  })
  expect(reasonOf(await throwing.lookup('key'))).toBe('unreachable')
})

test('one endpoint that holds all slots, with a second port for reads, is one connection and one pipeline, cold and later', async () => {
  // As ElastiCache Serverless shows itself: a primary and a replica of one name.
  await using replica = await fakeNode(([name]) => (name === 'GET' ? ENTRY : '+OK\r\n'))
  await using node = await fakeNode(([name, word], { port }) => {
    if (name === 'GET') return ENTRY
    if (name === 'PING') return '+PONG\r\n'
    if (word === 'MYID') return '$1\r\na\r\n'
    const [host, id] = ['localhost', 'a']
    const entry = (at: number, own: string): string => `*3\r\n$${host.length}\r\n${host}\r\n:${at}\r\n$1\r\n${own}\r\n`
    return name === 'CLUSTER' ? `*1\r\n*4\r\n:0\r\n:16383\r\n${entry(port, id)}${entry(replica.port, 'b')}` : '+OK\r\n'
  })
  const cache = over(node, { url: `redis+cluster://localhost:${node.port}`, connection: 'reuse', readFrom: 'fallback' })
  expect(await cache.getMany(['a', 'b', 'c'])).toEqual([1, 1, 1])
  expect(await cache.get('d')).toBe(1)
  expect(await cache.health()).toMatchObject({ status: 'ok', nodes: { up: 1, of: 1 } })
  expect([node.connections, replica.connections]).toEqual([1, 0])
  expect(node.commands.slice(0, 5).map(([name]) => name)).toEqual(['CLUSTER', 'CLUSTER', 'GET', 'GET', 'GET'])
  await cache.close()
})
