import { metrics, trace } from '@opentelemetry/api'
import type { Cache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { expect, test, vi } from 'vitest'
import { spanOf, telemetry } from '../otel/support/telemetry.ts'
import { example } from '../support/example.ts'

test('the example tells the providers that an SDK has registered', async () => {
  await using redis = await startRedis()
  await using told = telemetry()
  trace.setGlobalTracerProvider(told.providers.tracerProvider)
  metrics.setGlobalMeterProvider(told.providers.meterProvider)
  vi.stubEnv('REDIS_URL', redis.url)
  await using file = await example('docs/observability.md', 'instrument', 'test/docs')
  const { cache } = (await import(file.path)) as { cache: Cache }
  expect(await cache.wrap('k', () => 'loaded')).toBe('loaded')
  await cache.close()
  vi.unstubAllEnvs()
  trace.disable()
  const names = [spanOf(told.spans(), 'wrap app'), spanOf(told.spans(), 'load app'), spanOf(told.spans(), 'connect app')]
  expect(new Set(names.map((span) => span.spanContext().traceId)).size).toBe(1)
  expect(await told.points('db.client.operation.duration')).toHaveLength(2)
  metrics.disable()
})
