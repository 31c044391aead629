import { checkFunction, checkSignal, checkTtl, describe, duration, isObject, MAX_DELAY, refuseUnknown, size } from './checks.ts'
import type { CacheEvent } from './events.ts'
import { type ResolvedMemory, resolveMemory } from './memory.ts'
import { namespaceProblem } from './namespace.ts'
import type { CacheSettings, InvocationOptions, Serializer } from './types.ts'

/** Options as the inner code takes them: validated, every default filled in. */
export interface ResolvedOptions {
  readonly namespace: string | undefined
  readonly ttl: number | undefined
  readonly timeout: number
  readonly cooldown: number
  readonly maxCooldown: number
  readonly isReused: boolean
  /** Undefined: the default, which is known where entries are. */
  readonly serializer: Serializer | undefined
  readonly keyBytes: number
  readonly valueBytes: number
  /** Characters from which on an entry is compressed; undefined: never. */
  readonly compressFrom: number | undefined
  /** Undefined: no copies in this process. */
  readonly memory: ResolvedMemory | undefined
  readonly onEvent: ((event: CacheEvent) => void) | undefined
}

/** Characters; less is hardly worth the while. */
const COMPRESS_FROM = 4_096

/** The options of `createCache`, as an error lists them. */
export const CACHE_OPTIONS: readonly string[] = [
  'url',
  'token',
  'transport',
  'namespace',
  'ttl',
  'timeout',
  'connectTimeout',
  'cooldown',
  'maxCooldown',
  'connection',
  'createClient',
  'fetchCache',
  'tls',
  'credentials',
  'readFrom',
  'nodeAddress',
  'sentinelCredentials',
  'serializer',
  'limits',
  'compression',
  'memory',
  'onEvent',
]

/**
 * Checks the options once and fills in the defaults.
 *
 * @throws TypeError or RangeError that names the option, what was given (never a secret) and what is allowed
 */
export function resolveOptions(options: CacheSettings): ResolvedOptions {
  const given: unknown = options
  if (!isObject(given)) throw new TypeError(`createCache: expected an options object, got ${describe(given)}`)
  refuseUnknown('', given, CACHE_OPTIONS)
  // Defaults are for what is left out: null is as wrong as any other value.
  const { namespace, limits = {}, connection = 'per-invocation', serializer, timeout = 250, cooldown = 1_000 } = options
  if (!isObject(limits) || Array.isArray(limits)) throw new TypeError(`limits: expected { keyBytes, valueBytes }, got ${describe(limits)}`)
  refuseUnknown('limits.', limits, ['keyBytes', 'valueBytes'])
  const { keyBytes = 32_768, valueBytes = 8_388_608 } = limits
  checkNamespace(namespace)
  duration('cooldown', cooldown, 0)
  const { maxCooldown = Math.max(10_000, cooldown) } = options
  duration('maxCooldown', maxCooldown, 0)
  if (maxCooldown < cooldown) throw new RangeError(`maxCooldown: must be at least cooldown (${cooldown}), got ${maxCooldown}`)
  if (connection !== 'per-invocation' && connection !== 'reuse') {
    throw new TypeError(`connection: expected 'per-invocation' or 'reuse', got ${describe(connection)}`)
  }
  if (serializer !== undefined) checkSerializer(serializer)
  for (const name of ['onEvent', 'createClient', 'credentials'] as const) checkFunction(name, options[name])
  return {
    namespace,
    ttl: options.ttl === undefined ? undefined : checkTtl(options.ttl),
    timeout: duration('timeout', timeout, 1),
    cooldown,
    maxCooldown,
    isReused: connection === 'reuse',
    serializer,
    keyBytes: size('limits.keyBytes', keyBytes),
    valueBytes: size('limits.valueBytes', valueBytes),
    compressFrom: compressionThreshold(options.compression),
    memory: resolveMemory(options.memory),
    onEvent: options.onEvent,
  }
}

/** @returns the same options. @throws TypeError or RangeError where those of an invocation are wrong */
export function checkInvocation(invocation: InvocationOptions): InvocationOptions {
  if (!isObject(invocation)) throw new TypeError(`invocation: expected an options object, got ${describe(invocation)}`)
  refuseUnknown('invocation.', invocation, ['waitUntil', 'signal', 'deadline'])
  const { waitUntil, deadline } = invocation
  checkFunction('waitUntil', waitUntil)
  if (deadline !== undefined && !(typeof deadline === 'number' && deadline > MAX_DELAY)) {
    throw new RangeError(`deadline: expected an instant in epoch milliseconds, such as Date.now() + 3000, got ${describe(deadline)}`)
  }
  checkSignal(invocation.signal)
  return invocation
}

function checkNamespace(namespace: unknown): void {
  if (namespace === undefined) return
  if (typeof namespace !== 'string') throw new TypeError(`namespace: expected a string, got ${describe(namespace)}`)
  const problem = namespaceProblem(namespace)
  if (problem !== undefined) throw new TypeError(`namespace: ${problem}; got '${namespace}'`)
}

function checkSerializer(given: unknown): void {
  // superjson's default export is a class with static methods.
  const serializer = isObject(given) || typeof given === 'function' ? (given as Partial<Serializer>) : {}
  if (typeof serializer.stringify !== 'function' || typeof serializer.parse !== 'function') {
    throw new TypeError('serializer: expected { stringify(value), parse(text) }')
  }
}

function compressionThreshold(compression: unknown): number | undefined {
  if (compression === undefined || compression === false) return undefined
  if (compression === true) return COMPRESS_FROM
  if (!isObject(compression)) throw new TypeError(`compression: expected true, false or { threshold }, got ${describe(compression)}`)
  refuseUnknown('compression.', compression, ['threshold'])
  const { threshold = COMPRESS_FROM } = compression as { readonly threshold?: unknown }
  return size('compression.threshold', threshold, 'characters')
}
