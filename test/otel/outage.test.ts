import { SpanStatusCode } from '@opentelemetry/api'
import { createCache } from 'fastmiss'
import { instrument } from 'fastmiss/otel'
import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { spanOf, telemetry, tookOf } from './support/telemetry.ts'

const TIMEOUT = 200
/** ms for a busy machine. */
const ROOM = 1_000

test('over TCP, spans of a Redis that hangs end within the timeout and say why, and then that nothing is tried', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await using told = telemetry()
  const cache = instrument(createCache({ url: proxy.url, timeout: TIMEOUT, cooldown: 60_000, maxCooldown: 60_000 }), told.providers)
  await cache.preload()
  await proxy.set('blackhole')
  expect(await cache.wrap('k', () => 'loaded')).toBe('loaded')
  expect(await cache.get('k')).toBeUndefined()
  expect(await cache.set('k', 1)).toBe(false)

  const spans = told.spans()
  for (const span of spans) expect(tookOf(span)).toBeLessThan(TIMEOUT + ROOM)
  const failed = { code: SpanStatusCode.ERROR, message: 'timeout' }
  expect(spanOf(spans, 'connect')).toMatchObject({ status: failed, attributes: { 'error.type': 'timeout', 'fastmiss.phase': 'connect' } })
  expect(spanOf(spans, 'connect').parentSpanContext?.spanId).toBe(spanOf(spans, 'wrap').spanContext().spanId)
  expect(spanOf(spans, 'load').status.code).toBe(SpanStatusCode.UNSET)
  for (const name of ['get', 'set']) {
    expect(spanOf(spans, name)).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'cooldown' },
      attributes: { 'fastmiss.result': 'degraded', 'fastmiss.reason': 'cooldown', 'error.type': 'cooldown' },
    })
  }
  expect(await told.points('fastmiss.cooldown.active')).toMatchObject([{ value: 1 }])
  expect(await told.points('fastmiss.cooldowns')).toMatchObject([{ value: 1, attributes: { 'error.type': 'timeout' } }])
  expect(await told.points('db.client.connection.create_time')).toMatchObject([{ value: { count: 1 }, attributes: { 'error.type': 'timeout' } }])
})

test('over Upstash, the span of a request that is not answered ends within the timeout and says why', async () => {
  await using redis = await startRedis()
  await using upstash = await startUpstash({ redis: redis.url })
  await using proxy = await faultProxy({ target: upstash.url })
  await using told = telemetry()
  const cache = instrument(createCache({ url: proxy.url, token: upstash.token, timeout: TIMEOUT, cooldown: 0, maxCooldown: 0 }), told.providers)
  // The first request of a process loads its HTTP client.
  await cache.health()
  await proxy.set('blackhole')
  expect(await cache.get('k')).toBeUndefined()
  const span = spanOf(told.spans(), 'get')
  expect(span).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: 'timeout' }, attributes: { 'fastmiss.transport': 'http' } })
  expect(tookOf(span)).toBeLessThan(TIMEOUT + ROOM)
})
