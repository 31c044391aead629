import { type Attributes, context, type Context, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'
import type { CacheEvent } from '../options/events.ts'
import type { Observer } from '../store/observation.ts'
import {
  attributesOf,
  BATCH_SIZE,
  ERROR_TYPE,
  errorType,
  GROUP,
  OPERATION,
  PHASE,
  READ_BYTES,
  serverOf,
  SHARED,
  type Target,
  WRITTEN_BYTES,
} from './attributes.ts'
import { resultOf } from './metrics.ts'

/** Methods whose events name another operation. */
const OPERATIONS: Readonly<Record<string, string>> = {
  lookup: 'get',
  getMany: 'get',
  setMany: 'set',
  deleteMany: 'delete',
  hasMany: 'has',
  wrapped: 'wrap',
  wrapMany: 'wrap',
}

/** The place of the loader among what these methods are called with. */
const LOADER_AT = 1

/** @param groupOf what is told of a key */
export function createSpans(tracer: Tracer, target: Target, groupOf: ((key: string) => string | undefined) | undefined): Observer {
  const common = attributesOf(target)

  const commonAttributes = new Map<string | undefined, Attributes>()

  /** Made once for each namespace. */
  function attributesIn(namespace: string | undefined): Attributes {
    const made = commonAttributes.get(namespace) ?? attributesOf({ ...target, namespace })
    if (namespace === target.namespace) commonAttributes.set(namespace, made)
    return made
  }

  async function operation(...[name, given, run, namespace]: Parameters<Observer['operation']>): Promise<unknown> {
    const [first] = given
    const group = groupOf !== undefined && typeof first === 'string' ? groupOf(first) : undefined
    const operationName = OPERATIONS[name] ?? name
    const span = tracer.startSpan(nameOf(name, namespace), {
      kind: operationName === 'wrap' ? SpanKind.INTERNAL : SpanKind.CLIENT,
      attributes: {
        ...attributesIn(namespace),
        [OPERATION]: operationName,
        ...(Array.isArray(first) && first.length > 1 ? { [BATCH_SIZE]: first.length } : {}),
        ...(group === undefined ? {} : { [GROUP]: group }),
      },
    })
    const inside = trace.setSpan(context.active(), span)
    const own = operationName === 'wrap' ? withSpanOfLoad(given, inside, namespace) : given
    // Not sampled, or no SDK: what is beneath it shall know, and nothing else is to be done.
    if (!span.isRecording()) return context.with(inside, () => run(own, group === undefined ? undefined : ignore, group))
    let isAnswered = false
    const transferred = { [READ_BYTES]: 0, [WRITTEN_BYTES]: 0 }
    const listen = (event: CacheEvent): void => {
      if ('count' in event) {
        // The first is what was read; what wrap writes afterwards does not change that, but its failure is told.
        if (!isAnswered || event.type === 'degraded') span.setAttributes(resultOf(event))
        isAnswered = true
        if ('bytes' in event && event.bytes !== undefined) {
          const name = event.type === 'write' ? WRITTEN_BYTES : READ_BYTES
          transferred[name] += event.bytes
          span.setAttribute(name, transferred[name])
        }
        if (event.type === 'degraded') span.setStatus({ code: SpanStatusCode.ERROR, message: event.reason })
      } else if (event.type === 'load-shared') span.setAttribute(SHARED, true)
    }
    try {
      return await context.with(inside, () => run(own, listen, group))
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      span.end()
    }
  }

  /** The loader runs inside a span of its own, whose parent is that of the operation. */
  function withSpanOfLoad(given: readonly unknown[], parent: Context, namespace: string | undefined): readonly unknown[] {
    const loader = given[LOADER_AT]
    if (typeof loader !== 'function') return given
    async function load(...asked: readonly unknown[]): Promise<unknown> {
      const span = tracer.startSpan(
        nameOf('load', namespace),
        { kind: SpanKind.INTERNAL, attributes: attributesOf({ ...target, namespace }) },
        parent,
      )
      try {
        return await context.with(trace.setSpan(parent, span), () => (loader as (...asked: readonly unknown[]) => unknown)(...asked))
      } catch (error) {
        fail(span, error)
        throw error
      } finally {
        span.end()
      }
    }
    return given.map((one, index) => (index === LOADER_AT ? load : one))
  }

  /** A connection is told of when it has answered or failed: its span is made then, beneath that of the operation that dialled. */
  function event(told: CacheEvent): void {
    if (told.type !== 'connected' && told.type !== 'connect-failed') return
    const endTime = Date.now()
    const span = tracer.startSpan(nameOf('connect', target.namespace), {
      kind: SpanKind.CLIENT,
      startTime: endTime - told.ms,
      attributes: { ...common, ...serverOf(told.node) },
    })
    if (told.type === 'connect-failed') {
      span.setAttributes({ [ERROR_TYPE]: told.reason, ...(told.phase === undefined ? {} : { [PHASE]: told.phase }) })
      span.setStatus({ code: SpanStatusCode.ERROR, message: told.reason })
    }
    span.end(endTime)
  }

  return { operation, event }
}

function ignore(): void {}

/** A name has few values: the namespace is a part of it, as the target is by the conventions. */
function nameOf(what: string, namespace: string | undefined): string {
  return namespace === undefined ? what : `${what} ${namespace}`
}

/** Its name alone: the message may hold anything. */
function fail(span: Span, error: unknown): void {
  span.setAttribute(ERROR_TYPE, errorType(error))
  span.setStatus({ code: SpanStatusCode.ERROR })
}
