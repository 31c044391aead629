import { type CacheEvent, createCache } from 'fastmiss'
import { createKeyv } from 'fastmiss/keyv'
import { instrument } from 'fastmiss/otel'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askRedis } from '../outage/support/tcp-outage.ts'
import { spanOf, telemetry } from './support/telemetry.ts'

let redis: Awaited<ReturnType<typeof startRedis>>
let upstash: Awaited<ReturnType<typeof startUpstash>>
beforeAll(async () => {
  redis = await startRedis()
  upstash = await startUpstash({ redis: redis.url })
})
afterAll(async () => {
  await upstash.stop()
  await redis.stop()
})

/** What Redis says that it holds under a key. */
const lengthOf = async (key: string): Promise<number> => Number(await askRedis(redis, ['STRLEN', key]))
const bytesIn = (events: readonly CacheEvent[]) =>
  events.flatMap((event) => ('count' in event ? [[event.type, 'bytes' in event ? event.bytes : undefined]] : []))

test.each(['tcp', 'http'])('over %s events tell how much Redis gave and took, as long as what is stored', async (wire) => {
  const events: CacheEvent[] = []
  const address = wire === 'tcp' ? { url: redis.url } : { url: upstash.url, token: upstash.token }
  const cache = createCache({ ...address, namespace: wire, timeout: 2_000, ttl: 60_000, onEvent: (event) => void events.push(event) })
  await cache.set('a', 'x'.repeat(100))
  await cache.setMany([
    { key: 'b', value: 'y'.repeat(50), tags: ['t'] },
    { key: 'c', value: 1 },
  ])
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((key) => lengthOf(`${wire}::${key}`)))
  await cache.get('a')
  await cache.get('b')
  await cache.getMany(['a', 'b', 'none', 'c'])
  await cache.take('a')
  await cache.wrap('d', () => 'loaded')
  const d = await lengthOf(`${wire}::d`)
  await cache.wrap('d', () => 'not asked')
  await cache.delete('d')
  expect(Math.min(...[a, b, c, d].map(Number))).toBeGreaterThan(10)
  expect(bytesIn(events)).toEqual([
    ['write', a],
    ['write', Number(b) + Number(c)],
    ['hit', a],
    ['hit', b],
    ['hit', Number(a) + Number(b) + Number(c)],
    ['miss', undefined],
    ['hit', a],
    ['miss', undefined],
    ['write', d],
    ['hit', d],
    ['write', undefined],
  ])
})

test('what is compressed counts as long as it is stored, and what a copy answers does not count', async () => {
  const events: CacheEvent[] = []
  const cache = createCache({
    url: redis.url,
    namespace: 'zip',
    timeout: 2_000,
    compression: true,
    memory: true,
    onEvent: (event) => void events.push(event),
  })
  await cache.set('k', 'z'.repeat(100_000))
  await cache.get('k')
  await cache.get('k', { memory: false })
  const length = await lengthOf('zip::k')
  expect(length).toBeLessThan(10_000)
  expect(bytesIn(events)).toEqual([
    ['write', length],
    ['hit', undefined],
    ['hit', length],
  ])
})

test('bytes are a counter by operation and direction, and on the span of the operation', async () => {
  await using told = telemetry()
  const cache = instrument(createCache({ url: redis.url, namespace: 'app', timeout: 2_000, ttl: 60_000 }), told.providers)
  await cache.wrap('k', () => 'x'.repeat(100))
  await cache.get('k')
  const length = await lengthOf('app::k')
  const points = await told.points('fastmiss.io')
  expect(points.map(({ attributes, value }) => [attributes['db.operation.name'], attributes['fastmiss.io.direction'], value])).toEqual([
    ['wrap', 'write', length],
    ['get', 'read', length],
  ])
  expect(spanOf(told.spans(), 'wrap app').attributes).toMatchObject({ 'fastmiss.written.bytes': length, 'fastmiss.result': 'miss' })
  expect(spanOf(told.spans(), 'wrap app').attributes).not.toHaveProperty('fastmiss.read.bytes')
  expect(spanOf(told.spans(), 'get app').attributes).toMatchObject({ 'fastmiss.read.bytes': length })
})

test('what Keyv reads and writes is counted too', async () => {
  const events: CacheEvent[] = []
  const keyv = createKeyv(redis.url, { namespace: 'keyv', onEvent: (event) => void events.push(event) })
  await keyv.set('k', 'value')
  await keyv.get('k')
  const length = await lengthOf('keyv::k')
  await keyv.disconnect()
  expect(bytesIn(events)).toEqual([
    ['write', length],
    ['hit', length],
  ])
})
