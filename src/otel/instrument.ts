import { metrics, trace, type MeterProvider, type TracerProvider } from '@opentelemetry/api'
import type { Cache } from '../facade/types.ts'
import { internalsOf } from '../facade/internals.ts'
import { callForeign } from '../policy/call-foreign.ts'
import { createInstruments } from './metrics.ts'
import { createSpans } from './spans.ts'

/** Options of {@link instrument}. */
export interface InstrumentOptions {
  /** Where metrics go. Default: the global one of `@opentelemetry/api`. */
  readonly meterProvider?: MeterProvider
  /** Where spans go. Default: the global one of `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProvider
  /**
   * Names the group that a key belongs to, `user` for `user:1` for example: it goes onto spans, metrics and events as it is, so it must
   * be one of a few names, and not the key. Called with the key of an operation that has one. Default: nothing of a key is told.
   */
  readonly describe?: (key: string) => string | undefined
}

/** The name of the instrumentation scope. */
const SCOPE = 'fastmiss'

/**
 * Spans and metrics of a cache, of its invocations (`c.var.cache` of `fastmiss/hono` and the cache of `fastmiss/lambda` too) and of
 * the views within its namespace. Call it right after `createCache`: invocations and views that were made before stay as they were.
 * No key, value or credential is told.
 *
 * @returns the same cache
 * @throws TypeError where it is no cache of `createCache`, is instrumented already, or an option is wrong
 * @example
 * ```ts
 * export const cache = instrument(createCache({ ...fromEnv(process.env), namespace: 'app', ttl: 60_000 }))
 * ```
 */
export function instrument<Key extends string, Tag extends string>(cache: Cache<Key, Tag>, options: InstrumentOptions = {}): Cache<Key, Tag> {
  const { meterProvider = metrics.getMeterProvider(), tracerProvider = trace.getTracerProvider(), describe } = options
  const { observation, isCooling, transportName, options: own } = internalsOf(cache)
  if (typeof (cache as Partial<Cache>).invocation !== 'function')
    throw new TypeError('cache: expected what createCache() returned, got an invocation or a view')
  if (describe !== undefined && typeof describe !== 'function') throw new TypeError('describe: expected a function of a key')
  const target = { transport: transportName, namespace: own.namespace }
  const record = createInstruments(meterProvider.getMeter(SCOPE), target, isCooling)
  const spans = createSpans(tracerProvider.getTracer(SCOPE), target, describe && ((key) => groupOf(describe, key)))
  observation.attach({
    event(event) {
      record(event)
      spans.event(event)
    },
    operation: spans.operation,
  })
  return cache
}

/** A cache must not fail because a description does. */
function groupOf(describe: (key: string) => unknown, key: string): string | undefined {
  let group: unknown
  callForeign(() => (group = describe(key)))
  return typeof group === 'string' ? group : undefined
}
