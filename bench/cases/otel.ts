import type { Meter, Tracer } from '@opentelemetry/api'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { AlwaysOffSampler, BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { createCache } from 'fastmiss'
import { instrument } from 'fastmiss/otel'
import { startRedis } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { VALUE } from '../lib/value.ts'

const CALLS = 3_000
/** A request waits for its hit: what stands around it is seen best there. */
const IN_FLIGHT = 1
const BASELINE = 'a hit'
const NOT_SAMPLED = 'metrics, and spans that are not sampled'
const RECORDED = 'metrics, and spans that are recorded'
const BY_HAND = 'one span and one histogram by hand'

/** Takes a span as an exporter does, and drops it. */
class Dropping implements SpanProcessor {
  onStart(): void {}
  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

/** CPU of a hit with `fastmiss/otel`, over one that nobody looks at; and what a span and a measurement cost that are made by hand. */
export async function otel(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  const meters = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new InMemoryMetricExporter(AggregationTemporality.DELTA),
        exportIntervalMillis: 60_000_000,
      }),
    ],
  })
  const recorded = new BasicTracerProvider({ spanProcessors: [new Dropping()] })
  const off = new BasicTracerProvider({ sampler: new AlwaysOffSampler(), spanProcessors: [new Dropping()] })
  const open = () => createCache({ url: redis.url, namespace: 'a', timeout: 30_000, connection: 'reuse' })
  const plain = open()
  const notSampled = instrument(open(), { meterProvider: meters, tracerProvider: off })
  const sampled = instrument(open(), { meterProvider: meters, tracerProvider: recorded })
  if (!(await plain.set('user-1', VALUE))) throw new Error('nothing was stored')
  const measure =
    (call: () => Promise<unknown>): Measure =>
    () =>
      cpuPerCall(CALLS, IN_FLIGHT, call)
  const subjects = {
    [BASELINE]: measure(() => assertHit(plain.get('user-1'))),
    [NOT_SAMPLED]: measure(() => assertHit(notSampled.get('user-1'))),
    [RECORDED]: measure(() => assertHit(sampled.get('user-1'))),
    [BY_HAND]: measure(byHand(meters.getMeter('by hand'), recorded.getTracer('by hand'), () => assertHit(plain.get('user-1')))),
  }
  const rows = await ratios(subjects, BASELINE, rounds, onRound)
  await Promise.all([plain.close(), notSampled.close(), sampled.close(), meters.shutdown()])
  const ratioOf = (name: string): number => rows.find((row) => row.name === name)?.ratio ?? Number.NaN
  return {
    title: 'A hit that OpenTelemetry looks at, one at a time, one process',
    unit: `client CPU per get, nothing exported; ${BASELINE} without it = 1 (quartiles; µs)`,
    rows,
    limits: [
      { name: `${NOT_SAMPLED}, against ${BASELINE}`, measured: ratioOf(NOT_SAMPLED), atMost: 1.15 },
      // What a recorded span costs is the SDK's.
      { name: `${RECORDED}, against ${BY_HAND}`, measured: ratioOf(RECORDED) / ratioOf(BY_HAND), atMost: 1.15 },
    ],
  }
}

/** What somebody writes who wants the same of a cache without it. */
function byHand(meter: Meter, tracer: Tracer, call: () => Promise<unknown>): () => Promise<unknown> {
  const histogram = meter.createHistogram('by_hand.duration', { unit: 's' })
  const about = { 'db.system.name': 'redis', 'db.operation.name': 'get', 'db.namespace': 'a', 'fastmiss.transport': 'tcp' }
  return async () => {
    const startedAt = performance.now()
    const span = tracer.startSpan('get', { attributes: about })
    const value = await call()
    span.setAttribute('fastmiss.result', 'hit')
    span.end()
    histogram.record((performance.now() - startedAt) / 1_000, { ...about, 'fastmiss.result': 'hit' })
    return value
  }
}

/** A cache that gave Redis up would look fast. */
async function assertHit(found: Promise<unknown>): Promise<void> {
  if ((await found) === undefined) throw new Error('expected a hit')
}
