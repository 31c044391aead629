import type { Attributes, Meter } from '@opentelemetry/api'
import type { CacheEvent } from '../options/events.ts'
import {
  attributesOf,
  DIRECTION,
  ERROR_TYPE,
  errorType,
  GROUP,
  NAMESPACE,
  OPERATION,
  PHASE,
  POOL,
  REASON,
  RESULT,
  serverOf,
  SOURCE,
  type Target,
} from './attributes.ts'

/** Seconds: those that the semantic conventions advise for operations of a database. */
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/** An event that is an answer to a caller. */
type Answer = Extract<CacheEvent, { readonly count: number }>

/**
 * Makes the instruments.
 *
 * @param isCooling asked when metrics are collected
 * @returns records an event
 */
export function createInstruments(meter: Meter, target: Target, isCooling: () => boolean): (event: CacheEvent) => void {
  const common = attributesOf(target)
  const pool = { [POOL]: target.namespace ?? target.transport }
  const seconds = { unit: 's', advice: { explicitBucketBoundaries: SECONDS } }
  const duration = meter.createHistogram('db.client.operation.duration', { ...seconds, description: 'Duration of the operations of a cache.' })
  const connecting = meter.createHistogram('db.client.connection.create_time', {
    ...seconds,
    description: 'The time from dialling to the first answer, or to the failure.',
  })
  const entries = meter.createCounter('fastmiss.entries', { unit: '{entry}', description: 'Entries that were asked for or written, by result.' })
  const bytes = meter.createCounter('fastmiss.io', {
    unit: 'By',
    description: 'Entries that Redis gave and took: characters of what is stored, which are bytes where all of them are ASCII.',
  })
  const loading = meter.createHistogram('fastmiss.load.duration', { ...seconds, description: 'Duration of the loaders that were called.' })
  const sharing = meter.createCounter('fastmiss.load.shared', { unit: '{load}', description: 'Callers that took the value of the load of another.' })
  const cooldowns = meter.createCounter('fastmiss.cooldowns', { unit: '{cooldown}', description: 'Failures of Redis that were remembered.' })
  meter
    .createObservableGauge('fastmiss.cooldown.active', { unit: '1', description: '1 while nothing is tried since Redis failed, else 0.' })
    .addCallback((result) => result.observe(isCooling() ? 1 : 0, common))

  /** A view within has a namespace of its own. */
  function told(event: Extract<CacheEvent, { readonly operation: string }>): Attributes {
    const { operation, namespace, group } = event
    return {
      ...common,
      [OPERATION]: operation,
      ...(namespace === undefined ? {} : { [NAMESPACE]: namespace }),
      ...(group === undefined ? {} : { [GROUP]: group }),
    }
  }

  function answer(event: Answer): void {
    const own = told(event)
    const attributes = { ...own, ...resultOf(event) }
    duration.record(event.ms / 1_000, attributes)
    entries.add(event.count, attributes)
    if ('bytes' in event && event.bytes !== undefined) bytes.add(event.bytes, { ...own, [DIRECTION]: event.type === 'write' ? 'write' : 'read' })
  }

  return function record(event) {
    switch (event.type) {
      case 'load':
        return loading.record(event.ms / 1_000, told(event))
      case 'load-failed':
        return loading.record(event.ms / 1_000, { ...told(event), [ERROR_TYPE]: errorType(event.error) })
      case 'load-shared':
        return sharing.add(1, told(event))
      case 'connect':
      case 'recovered':
      case 'option-failed':
        return
      case 'connected':
        return connecting.record(event.ms / 1_000, { ...common, ...pool, ...serverOf(event.node) })
      case 'connect-failed':
        return connecting.record(event.ms / 1_000, { ...common, ...pool, ...serverOf(event.node), [ERROR_TYPE]: event.reason })
      case 'cooldown':
        return cooldowns.add(1, { ...common, ...serverOf(event.node), [ERROR_TYPE]: event.reason })
      default:
        return answer(event)
    }
  }
}

/** What came of it, for spans and metrics alike. */
export function resultOf(event: Answer): Attributes {
  switch (event.type) {
    case 'hit':
    case 'stale':
      return {
        [RESULT]: event.type,
        [SOURCE]: event.from ?? 'redis',
        ...(event.reason === undefined ? {} : { [REASON]: event.reason }),
      }
    case 'degraded':
      return {
        [RESULT]: 'degraded',
        [REASON]: event.reason,
        [ERROR_TYPE]: event.reason,
        ...(event.phase === undefined ? {} : { [PHASE]: event.phase }),
      }
    default:
      return { [RESULT]: event.type }
  }
}
