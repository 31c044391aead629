import { checkFunction, checkTags, checkTtl, describe, duration, isObject, refuseUnknown, toTtl } from '../options/checks.ts'
import type { Windows } from '../policy/freshness.ts'
import type { StandardSchema } from './standard-schema.ts'
import type { LoaderTimeout, WrapManyOptions, WrapOptions } from './types.ts'

/** A loader in the background, or one that others wait for, gets so long (ms) where no option says otherwise. */
const PATIENCE_MS = 10_000

/** Options of a load as the inner code takes them: every default filled in. Made only where there is something to load. */
export interface LoadPolicy extends Windows {
  readonly negativeTtl: number | undefined
  readonly tags: readonly string[]
  readonly schema: StandardSchema | undefined
  readonly jitter: number
  readonly beta: number
  /** ms; undefined: none. */
  readonly soft: number | undefined
  /** ms, where the loader is waited for; undefined: none. */
  readonly hard: number | undefined
  /** ms; how long a loader in the background may take, and how long others wait for one. */
  readonly patience: number
  /** How long (ms) one isolate alone loads a missing value; undefined: no lease on misses. */
  readonly lease: number | undefined
}

const NAMES: readonly string[] = [
  'ttl',
  'swr',
  'staleIfError',
  'negativeTtl',
  'tags',
  'schema',
  'jitter',
  'beta',
  'loaderTimeout',
  'lease',
  'waitUntil',
  'timeout',
  'signal',
  'memory',
]

/**
 * Checks the options of one call, hits included; allocates nothing where they are right.
 *
 * @param ttl the cache's
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 */
export function checkWrapOptions(options: WrapOptions, ttl: number | undefined): void {
  if (!isObject(options)) throw new TypeError(`options: expected an object, got ${describe(options)}`)
  refuseUnknown('', options, NAMES)
  if (options.ttl !== undefined) toTtl(options.ttl)
  if (options.swr !== undefined) checkWindow('swr', options.swr, options.ttl ?? ttl)
  if (options.staleIfError !== undefined) checkWindow('staleIfError', options.staleIfError, options.ttl ?? ttl)
  if (options.negativeTtl !== undefined) checkTtl(options.negativeTtl, 'negativeTtl')
  if (options.tags !== undefined) checkTags(options.tags)
  if (options.schema !== undefined) checkSchema(options.schema)
  if (options.jitter !== undefined) checkNumber('jitter', options.jitter, 1)
  if (options.beta !== undefined) checkNumber('beta', options.beta, Number.MAX_SAFE_INTEGER)
  if (options.loaderTimeout !== undefined) checkLoaderTimeout(options.loaderTimeout)
  if (options.lease !== undefined && typeof options.lease !== 'boolean') duration('lease', options.lease, 1)
  checkFunction('waitUntil', options.waitUntil)
}

/** The same for options of `wrapMany`. */
export function checkWrapManyOptions(options: WrapManyOptions, ttl: number | undefined): void {
  if (!isObject(options)) throw new TypeError(`options: expected an object, got ${describe(options)}`)
  refuseUnknown(
    '',
    options,
    NAMES.filter((name) => name !== 'lease' && name !== 'beta'),
  )
  const { tags, ...others } = options
  checkWrapOptions(typeof tags === 'function' || tags === undefined ? others : { ...others, tags }, ttl)
}

/** @throws TypeError where it is no function */
export function checkLoader(loader: unknown): void {
  if (typeof loader !== 'function') throw new TypeError(`loader: expected a function, got ${describe(loader)}`)
}

/** @param options checked @param ttl the cache's */
export function resolveLoadPolicy(options: WrapOptions, ttl: number | undefined): LoadPolicy {
  const { loaderTimeout, lease } = options
  const { soft, hard }: LoaderTimeout = typeof loaderTimeout === 'number' ? { hard: loaderTimeout } : (loaderTimeout ?? {})
  const patience = hard ?? PATIENCE_MS
  return {
    ttl: options.ttl === undefined ? ttl : toTtl(options.ttl),
    swr: options.swr ?? 0,
    staleIfError: options.staleIfError ?? 0,
    negativeTtl: options.negativeTtl,
    tags: options.tags ?? [],
    schema: options.schema,
    jitter: options.jitter ?? 0,
    beta: options.beta ?? 0,
    soft,
    hard,
    patience,
    lease: lease === true ? patience : lease === false ? undefined : lease,
  }
}

/** A window is counted from the end of the time to live. @param ttl of the call, else of the cache */
function checkWindow(name: string, value: unknown, ttl: number | undefined): void {
  // No timer waits for it: Redis takes far more than timers do.
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${name}: expected whole milliseconds, 0 or more, got ${describe(value)}`)
  }
  if (value > 0 && ttl === undefined) {
    throw new TypeError(`${name}: needs a ttl, of this call or of the cache: without one nothing is ever past its time to live`)
  }
}

function checkNumber(name: string, value: unknown, most: number): void {
  if (typeof value === 'number' && value >= 0 && value <= most) return
  throw new RangeError(`${name}: expected a number from 0 to ${most}, got ${describe(value)}`)
}

function checkSchema(schema: unknown): void {
  // arktype's schemas are functions.
  const standard = isObject(schema) || typeof schema === 'function' ? (schema as Partial<StandardSchema>)['~standard'] : undefined
  if (isObject(standard) && typeof standard.validate === 'function') return
  throw new TypeError(`schema: expected a Standard Schema, such as one of zod, valibot or arktype, got ${describe(schema)}`)
}

function checkLoaderTimeout(value: number | LoaderTimeout): void {
  if (typeof value === 'number') return void duration('loaderTimeout', value, 1)
  if (!isObject(value)) throw new TypeError(`loaderTimeout: expected milliseconds or { soft, hard }, got ${describe(value)}`)
  refuseUnknown('loaderTimeout.', value, ['soft', 'hard'])
  const { soft, hard } = value
  if (soft !== undefined) duration('loaderTimeout.soft', soft, 0)
  if (hard !== undefined) duration('loaderTimeout.hard', hard, 1)
  if (soft !== undefined && hard !== undefined && soft >= hard) {
    throw new RangeError(`loaderTimeout.soft: must be less than loaderTimeout.hard (${hard}), got ${soft}`)
  }
}
