import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server } from 'node:net'
import { createCache, type CacheEvent, type CacheOptions } from 'fastmiss'
import { expect, test } from 'vitest'

const VALUE = '{"value":"v"}'
const hit = `$${VALUE.length}\r\n${VALUE}\r\n`
/** Not many keys, but no timer of the machine is fine enough to send them all within the timeout. */
const KEYS = Array.from({ length: 2_000 }, (_, index) => `k${index}`)

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Answers the commands of each connection one after the other; those before `fast` at once, the others one a millisecond; none after `most`. */
async function slowRedis(most = Infinity) {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    let asked = 0
    let answered = 0
    const timer = setInterval(() => {
      // A single command is answered at once; of many, some each time.
      const now = Math.min(most, asked <= 1 ? asked : answered + 5)
      for (; answered < Math.min(now, asked); answered += 1) socket.write(hit)
    }, 5)
    socket
      .on('error', () => {})
      .on('close', () => clearInterval(timer))
      .on('data', (bytes) => (asked += bytes.toString('latin1').split('\r\nGET\r\n').length - 1))
  })
  const port = await portOf(server)
  return { url: `redis://127.0.0.1:${port}`, connections: () => connections, [Symbol.asyncDispose]: async () => void server.close() }
}

function listened(options: CacheOptions) {
  const events: CacheEvent['type'][] = []
  return { cache: createCache({ timeout: 400, onEvent: ({ type }) => void events.push(type), ...options }), events }
}

test('over TCP a pipeline that takes too long while replies come is a timeout of that call, and of nobody else', async () => {
  await using redis = await slowRedis()
  const { cache, events } = listened({ url: redis.url })
  await cache.preload()
  const found = await Promise.all(KEYS.map((key) => cache.get(key)))
  expect(found.filter((value) => value === 'v').length).toBeGreaterThan(0)
  expect(found.filter((value) => value === undefined).length).toBeGreaterThan(0)
  expect(events).not.toContain('cooldown')
  // The next one is answered, over the same connection or another.
  await expect.poll(() => cache.get('k'), { timeout: 5_000 }).toBe('v')
  expect(events).not.toContain('cooldown')
  await cache.close()
})

test('over TCP a pipeline whose replies stop is an outage', async () => {
  await using redis = await slowRedis(3)
  const { cache, events } = listened({ url: redis.url })
  await cache.preload()
  expect((await Promise.all(KEYS.map((key) => cache.get(key)))).filter((value) => value === 'v')).toHaveLength(3)
  expect(events).toContain('cooldown')
  expect(await cache.lookup('k')).toMatchObject({ reason: 'cooldown' })
})

test.each([
  ['comes', true],
  ['stops', false],
])('over REST an answer that takes too long while it %s', async (_, isFlowing) => {
  const items = JSON.stringify(KEYS.map(() => ({ result: VALUE })))
  const server = createHttpServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': items.length })
    let at = 0
    const timer = setInterval(() => {
      if (at > 0 && !isFlowing) return
      response.write(items.slice(at, at + 50))
      at += 50
    }, 5)
    response.on('close', () => clearInterval(timer))
  })
  const port = await portOf(server)
  const { cache, events } = listened({ url: `http://127.0.0.1:${port}`, token: 't' })
  await cache.preload()
  expect((await cache.getMany(KEYS)).every((value) => value === undefined)).toBe(true)
  if (isFlowing) expect(events).not.toContain('cooldown')
  else expect(events).toContain('cooldown')
  await cache.close()
  server.closeAllConnections()
  server.close()
})
