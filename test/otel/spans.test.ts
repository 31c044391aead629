import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { createCache } from 'fastmiss'
import { cacheContext, type CacheContextEnv } from 'fastmiss/hono'
import { instrument } from 'fastmiss/otel'
import { startRedis } from 'fastmiss/testing'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { spanOf, telemetry } from './support/telemetry.ts'

test('a load and the connection are beneath the operation that began them, and it beneath what was active', async () => {
  await using redis = await startRedis()
  await using told = telemetry()
  const cache = instrument(createCache({ url: redis.url, namespace: 'app', timeout: 2_000 }), told.providers)
  const tracer = told.providers.tracerProvider.getTracer('test')

  const value = await tracer.startActiveSpan('request', async (request) => {
    const wrapped = await cache.wrap('user:1', async () => tracer.startActiveSpan('query', (query) => (query.end(), 'Ada')))
    request.end()
    return wrapped
  })
  await cache.close()

  expect(value).toBe('Ada')
  const spans = told.spans()
  const request = spanOf(spans, 'request')
  const wrap = spanOf(spans, 'wrap app')
  const load = spanOf(spans, 'load app')
  const connect = spanOf(spans, 'connect app')
  expect(wrap.parentSpanContext?.spanId).toBe(request.spanContext().spanId)
  expect(load.parentSpanContext?.spanId).toBe(wrap.spanContext().spanId)
  expect(spanOf(spans, 'query').parentSpanContext?.spanId).toBe(load.spanContext().spanId)
  expect(connect.parentSpanContext?.spanId).toBe(wrap.spanContext().spanId)
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1)
  expect(wrap).toMatchObject({ kind: SpanKind.INTERNAL, status: { code: SpanStatusCode.UNSET } })
  expect(wrap.attributes).toEqual({
    'db.system.name': 'redis',
    'db.operation.name': 'wrap',
    'fastmiss.transport': 'tcp',
    'fastmiss.namespace': 'app',
    'fastmiss.result': 'miss',
    'fastmiss.written.bytes': expect.any(Number),
  })
})

test('where the active context does not follow promises a load is still beneath its operation', async () => {
  await using told = telemetry(false)
  const cache = instrument(createCache({ url: 'memory:' }), told.providers)
  await cache.wrapMany(['a', 'b'], () => ({ a: 1, b: 2 }))
  const wrap = spanOf(told.spans(), 'wrapMany')
  expect(wrap.attributes).toMatchObject({ 'db.operation.batch.size': 2, 'fastmiss.result': 'miss' })
  expect(spanOf(told.spans(), 'load').parentSpanContext?.spanId).toBe(wrap.spanContext().spanId)
})

test('each operation has a span with its result, and nothing of a key, a value or an error message', async () => {
  await using redis = await startRedis()
  await using told = telemetry()
  const cache = instrument(createCache({ url: redis.url, ttl: 60_000, timeout: 2_000, memory: true, connection: 'reuse' }), told.providers)
  await cache.set('secret-key', 'secret-value')
  expect(await cache.get('secret-key')).toBe('secret-value')
  await cache.lookup('secret-other')
  await cache.delete('secret-key')
  await expect(cache.wrap('secret-key', () => Promise.reject(new RangeError('secret-message')))).rejects.toThrow('secret-message')
  await cache.close()

  const spans = told.spans()
  expect(spans.map(({ name, attributes }) => [name, attributes['fastmiss.result'], attributes['fastmiss.source']])).toEqual([
    ['connect', undefined, undefined],
    ['set', 'write', undefined],
    ['get', 'hit', 'memory'],
    ['lookup', 'miss', undefined],
    ['delete', 'write', undefined],
    ['load', undefined, undefined],
    ['wrap', 'miss', undefined],
  ])
  expect(spans.slice(-2).map(({ attributes, status }) => [attributes['error.type'], status])).toEqual([
    ['RangeError', { code: SpanStatusCode.ERROR }],
    ['RangeError', { code: SpanStatusCode.ERROR }],
  ])
  expect(JSON.stringify(spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })))).not.toContain('secret')
})

test('a caller that takes the value of the load of another says so', async () => {
  await using told = telemetry()
  const cache = instrument(createCache({ url: 'memory:' }), told.providers)
  let resolve: (value: string) => void = () => {}
  const loading = new Promise<string>((settle) => (resolve = settle))
  const both = [cache.wrap('k', () => loading), cache.wrap('k', () => 'of nobody')]
  await cache.get('other')
  resolve('shared')
  expect(await Promise.all(both)).toEqual(['shared', 'shared'])
  const wraps = told.spans().filter(({ name }) => name === 'wrap')
  expect(wraps.map(({ attributes }) => attributes['fastmiss.load.shared']).filter(Boolean)).toEqual([true])
  expect(told.spans().filter(({ name }) => name === 'load')).toHaveLength(1)
  expect(await told.points('fastmiss.load.shared')).toMatchObject([{ value: 1 }])
})

test('the cache of a Hono request and the views within a namespace are instrumented with it', async () => {
  await using told = telemetry()
  const cache = instrument(createCache({ url: 'memory:', namespace: 'app' }), told.providers)
  const app = new Hono<CacheContextEnv>()
  app.use(cacheContext({ cache }))
  app.get('/', async (c) => {
    await c.var.cache.set('k', 1)
    return c.json(await c.var.cache.namespace('inner').get('k'))
  })
  await (await app.request('/')).text()
  const operations = told.spans().filter(({ name }) => !name.startsWith('connect'))
  expect(
    operations.map(({ attributes }) => [attributes['db.operation.name'], attributes['fastmiss.result'], attributes['fastmiss.namespace']]),
  ).toEqual([
    ['set', 'write', 'app'],
    ['get', 'miss', 'app:inner'],
  ])
})

test('a description groups keys, and one that fails is left out', async () => {
  await using told = telemetry()
  const describe = (key: string): string => {
    if (key === 'bad') throw new Error('bad')
    return key.slice(0, key.indexOf(':'))
  }
  const cache = instrument(createCache({ url: 'memory:' }), { ...told.providers, describe })
  await cache.set('user:1', 'Ada')
  await cache.get('bad')
  expect(told.spans().flatMap(({ name, attributes }) => (name === 'connect' ? [] : [attributes['fastmiss.key.group']]))).toEqual(['user', undefined])
  const points = await told.points('db.client.operation.duration')
  expect(points.map(({ attributes }) => attributes['fastmiss.key.group'])).toEqual(['user', undefined])
})

test('without providers the global ones are used, which do nothing until an SDK registers', async () => {
  const cache = instrument(createCache({ url: 'memory:' }))
  await cache.set('k', 1)
  expect(await cache.get('k')).toBe(1)
  expect(trace.getActiveSpan()).toBeUndefined()
})

test('a cache is instrumented once, and only what createCache returned', async () => {
  const cache = createCache({ url: 'memory:' })
  expect(instrument(cache)).toBe(cache)
  expect(() => instrument(cache)).toThrow('cache: it is instrumented already')
  await using invocation = createCache({ url: 'memory:' }).invocation()
  expect(() => instrument(invocation as never)).toThrow(TypeError)
  expect(() => instrument({} as never)).toThrow(TypeError)
  expect(() => instrument(createCache({ url: 'memory:' }), { describe: 1 as never })).toThrow('describe: expected a function of a key')
})
