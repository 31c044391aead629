import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createCache, type CacheEvent } from 'fastmiss'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { type LocalRedis, startRedis } from 'fastmiss/testing'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

let first: LocalRedis
let second: LocalRedis
beforeAll(async () => {
  ;[first, second] = await Promise.all([startRedis(), startRedis()])
})
afterAll(async () => {
  await Promise.all([first.stop(), second.stop()])
})
beforeEach(() => Promise.all([command(first, 'FLUSHALL'), command(second, 'FLUSHALL')]))
afterEach(() => Promise.all([command(first, 'REPLICAOF', 'NO', 'ONE'), command(second, 'REPLICAOF', 'NO', 'ONE')]))

async function command(redis: LocalRedis, ...args: string[]): Promise<unknown> {
  const client = await createClient({ url: redis.url }).connect()
  try {
    return await client.sendCommand(args)
  } finally {
    client.destroy()
  }
}

/** A name that leads to the first server, and after a failover to the second; what is connected stays connected. */
async function failingOver() {
  let port = first.port
  let connections = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    connections += 1
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)))
    client.on('close', () => upstream.destroy()).pipe(upstream)
    upstream.on('close', () => client.destroy()).pipe(client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    url: `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    connections: () => connections,
    open: () => open.size / 2,
    /** The first becomes a replica. @param to where the name leads from now on */
    async demote(to = second) {
      port = to.port
      await command(first, 'REPLICAOF', '127.0.0.1', String(second.port))
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

/** Longer than a test takes on a busy machine. */
const LONG = { cooldown: 30_000, maxCooldown: 30_000 }

function kept(url: string) {
  const events: CacheEvent['type'][] = []
  return { events, cache: createCache({ url, connection: 'reuse', timeout: 2_000, ...LONG, onEvent: ({ type }) => void events.push(type) }) }
}

test('a demoted primary on a kept connection is left: the same operation succeeds over one fresh connection', async () => {
  await using name = await failingOver()
  const { cache, events } = kept(name.url)
  expect(await cache.set('k', 'old')).toBe(true)
  await name.demote()
  expect(await cache.set('k', 'new')).toBe(true)
  expect(await cache.get('k')).toBe('new')
  expect(name.connections()).toBe(2)
  await expect.poll(() => name.open()).toBe(1)
  expect(events).not.toContain('cooldown')
  await cache.close()
  await expect.poll(() => name.open()).toBe(0)
})

test('what was asked for in the same turn is answered by the new primary too', async () => {
  await using name = await failingOver()
  const { cache } = kept(name.url)
  expect(await cache.set('k', 'old')).toBe(true)
  await name.demote()
  await command(second, 'SET', 'k', '{"value":"new"}')
  expect(await Promise.all([cache.get('k'), cache.set('other', 1), cache.set('tagged', 1, { tags: ['t'] })])).toEqual(['new', true, true])
  expect(await cache.get('tagged')).toBe(1)
  expect(name.connections()).toBe(2)
  await cache.close()
})

test('many turns under way at once on a demoted primary cost one fresh connection', async () => {
  await using name = await failingOver()
  const { cache } = kept(name.url)
  expect(await cache.set('k', 'old')).toBe(true)
  await name.demote()
  const answers: Promise<boolean>[] = []
  for (let call = 0; call < 8; call += 1) {
    answers.push(cache.set(`k${call}`, call))
    await new Promise(setImmediate)
  }
  expect(await Promise.all(answers)).toEqual(answers.map(() => true))
  expect(name.connections()).toBe(2)
  await expect.poll(() => name.open()).toBe(1)
  await cache.close()
})

test("a Keyv store's connection heals as well", async () => {
  await using name = await failingOver()
  const store = new KeyvFastmiss(name.url, { timeout: 2_000 })
  const errors: unknown[] = []
  store.on('error', (error) => errors.push(error))
  expect(await store.set('k', '{"value":"old"}')).toBe(true)
  await name.demote()
  expect(await store.set('k', '{"value":"new"}')).toBe(true)
  expect(await store.get('k')).toBe('{"value":"new"}')
  expect([errors, name.connections()]).toEqual([[], 2])
  await store.disconnect()
})

test('an address that truly is a replica costs one fresh connection a cooldown, and its reads go on', async () => {
  await using name = await failingOver()
  const { cache, events } = kept(name.url)
  expect(await cache.set('k', 'v')).toBe(true)
  await command(second, 'SET', 'k', '{"value":"v"}')
  await name.demote(first)
  for (let round = 0; round < 10; round += 1) {
    expect(await Promise.all([cache.set('k', 'w'), cache.get('k')])).toEqual([false, 'v'])
  }
  expect(name.connections()).toBe(2)
  expect(events).not.toContain('cooldown')
  await cache.close()
})
