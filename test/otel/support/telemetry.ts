import { context, type ContextManager, type HrTime } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { InstrumentOptions } from 'fastmiss/otel'

/** The real SDK, whose exporters keep what they are given. */
export interface Telemetry extends AsyncDisposable {
  readonly providers: Required<Pick<InstrumentOptions, 'meterProvider' | 'tracerProvider'>>
  /** Spans that have ended, in this order. */
  spans(): readonly ReadableSpan[]
  /** What has been measured so far under a name. */
  points(name: string): Promise<readonly DataPoint<unknown>[]>
}

/** @param follows whether the active context follows promises, as on Node with a context manager */
export function telemetry(follows = true): Telemetry {
  const manager: ContextManager | undefined = follows ? new AsyncLocalStorageContextManager().enable() : undefined
  context.disable()
  if (manager !== undefined) context.setGlobalContextManager(manager)
  const ended = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(ended)] })
  const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })] })
  return {
    providers: { meterProvider, tracerProvider },
    spans: () => ended.getFinishedSpans(),
    async points(name) {
      await meterProvider.forceFlush()
      const last = measured.getMetrics().at(-1)
      return (last?.scopeMetrics ?? [])
        .flatMap(({ metrics }) => metrics)
        .flatMap((one): DataPoint<unknown>[] => (one.descriptor.name === name ? [...one.dataPoints] : []))
    },
    async [Symbol.asyncDispose]() {
      context.disable()
      await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()])
    },
  }
}

/** The span of a name. */
export function spanOf(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.find((span) => span.name === name)
  if (found === undefined) throw new Error(`no span is named ${name}, only ${spans.map((span) => span.name).join(', ')}`)
  return found
}

/** ms */
export function tookOf({ duration: [seconds, nanoseconds] }: { readonly duration: HrTime }): number {
  return seconds * 1_000 + nanoseconds / 1_000_000
}
