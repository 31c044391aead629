import { SpanStatusCode } from '@opentelemetry/api'
import { createCache } from 'fastmiss'
import { responseCache } from 'fastmiss/hono'
import { createKeyv } from 'fastmiss/keyv'
import { instrument } from 'fastmiss/otel'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { type Telemetry, telemetry } from './support/telemetry.ts'

const operations = (told: Telemetry) => told.spans().filter(({ name }) => !name.startsWith('connect'))
async function listed(keys: AsyncIterable<string>): Promise<readonly string[]> {
  const all: string[] = []
  for await (const key of keys) all.push(key)
  return all
}

const results = (told: Telemetry) => operations(told).map(({ name, attributes }) => [name, attributes['fastmiss.result']])

test('what Keyv asks for has spans and measurements as the methods of the cache have, with the group of its keys', async () => {
  await using told = telemetry()
  const describe = (key: string): string => key.slice(0, key.indexOf(':'))
  const cache = instrument(createCache({ url: 'memory:', namespace: 'app' }), { ...told.providers, describe })
  const keyv = createKeyv(cache, { namespace: 'app' })
  await keyv.set('user:1', 'Ada')
  await keyv.get('user:1')
  await keyv.getMany(['user:1', 'user:2'])
  await keyv.has('user:1')
  for await (const [, value] of keyv.iterator()) expect(value).toBe('Ada')
  await keyv.delete('user:1')
  await keyv.clear()
  expect(results(told)).toEqual([
    ['set app', 'write'],
    ['get app', 'hit'],
    ['getMany app', expect.stringMatching('hit|miss')],
    // Keyv 6 asks whether a key is there by reading it.
    ['get app', 'hit'],
    ['getMany app', 'hit'],
    ['delete app', 'write'],
    ['clear app', 'write'],
  ])
  expect(operations(told).map(({ attributes }) => attributes['fastmiss.key.group'])).toEqual([
    'user',
    'user',
    undefined,
    'user',
    undefined,
    'user',
    undefined,
  ])
  expect(operations(told)[2]?.attributes).toMatchObject({ 'db.operation.batch.size': 2, 'db.operation.name': 'get' })
  const durations = await told.points('db.client.operation.duration')
  expect(durations.map(({ attributes }) => attributes['db.operation.name'])).toEqual(expect.arrayContaining(['set', 'get', 'delete', 'clear']))
})

test('what the response cache looks up, stores and forgets has spans beneath what is active', async () => {
  await using told = telemetry()
  const cache = instrument(createCache({ url: 'memory:', namespace: 'app' }), told.providers)
  const app = new Hono()
  app.use(responseCache({ cache, ttl: 60_000 }))
  app.get('/page', (c) => c.text('a page of some length'))
  app.post('/page', (c) => c.text('changed'))
  const ask = async (method: string): Promise<string> => (await app.request('http://localhost/page', { method })).text()
  const tracer = told.providers.tracerProvider.getTracer('test')
  await tracer.startActiveSpan('request', async (request) => {
    await ask('GET')
    await expect.poll(() => results(told)).toContainEqual(['set app', 'write'])
    await ask('GET')
    await ask('POST')
    request.end()
  })
  expect(results(told)).toEqual([
    ['get app', 'miss'],
    ['set app', 'write'],
    ['get app', 'hit'],
    ['delete app', 'write'],
    ['request', undefined],
  ])
  expect(new Set(told.spans().map((span) => span.spanContext().traceId)).size).toBe(1)
  const [, stored, found] = operations(told)
  expect(stored?.attributes['fastmiss.written.bytes']).toBeGreaterThan(50)
  expect(found?.attributes['fastmiss.read.bytes']).toBe(stored?.attributes['fastmiss.written.bytes'])
  expect(JSON.stringify(told.spans().map(({ attributes }) => attributes))).not.toContain('page')
})

test('each page of keys has a span and counts its keys, and one that fails says why once', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await using told = telemetry()
  const cache = instrument(createCache({ url: proxy.url, namespace: 'app', timeout: 2_000, connection: 'reuse' }), told.providers)
  await cache.setMany(Array.from({ length: 30 }, (_, index) => ({ key: `k${index}`, value: index })))
  const before = operations(told).length
  const keys = await listed(cache.keys())
  expect(new Set(keys).size).toBe(30)
  const pages = operations(told).slice(before)
  expect(pages.map(({ name }) => name)).toEqual(pages.map(() => 'keys app'))
  expect(pages.map(({ attributes }) => attributes['fastmiss.result'])).toContain('hit')
  const countOf = async (result: string): Promise<unknown> =>
    (await told.points('fastmiss.entries')).find(
      ({ attributes }) => attributes['db.operation.name'] === 'keys' && attributes['fastmiss.result'] === result,
    )?.value
  expect(await countOf('hit')).toBe(keys.length)

  await proxy.set('refuse')
  const list = cache.keys()
  expect(await listed(list)).toEqual([])
  expect(list.failure).toMatchObject({ code: 'unreachable' })
  expect(operations(told).at(-1)).toMatchObject({ name: 'keys app', status: { code: SpanStatusCode.ERROR, message: 'unreachable' } })
  expect(await countOf('degraded')).toBe(1)
  await cache.close()
})

test('a Keyv and a response cache over an instrumented cache answer while Redis is away, and their spans say why', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await using told = telemetry()
  const cache = instrument(createCache({ url: proxy.url, namespace: 'app', cooldown: 60_000, maxCooldown: 60_000 }), told.providers)
  const keyv = createKeyv(cache, { namespace: 'app' })
  const app = new Hono()
  app.get('/', responseCache({ cache, ttl: 60_000 }), (c) => c.text('made'))
  await proxy.set('refuse')
  expect(await keyv.get('k')).toBeUndefined()
  expect(await (await app.request('/')).text()).toBe('made')
  expect(operations(told).map(({ name, status }) => [name, status.message])).toEqual([
    ['get app', 'unreachable'],
    ['get app', 'cooldown'],
  ])
})
