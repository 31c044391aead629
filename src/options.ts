import { checkSignal, checkTtl, describe, duration, isObject, MAX_DELAY, refuseUnknown, size } from './checks.ts'
import type { CacheEvent } from './events.ts'
import { createKeys, type Keys, namespaceProblem } from './key.ts'
import { jsonSerializer } from './serializer.ts'
import type { Transport } from './transport/transport.ts'
import type { CacheOptions, CreateClient, Credentials, InvocationOptions, Serializer } from './types.ts'
import { parseUrl } from './url.ts'

/** Options as the inner code takes them: validated, every default filled in. */
export interface ResolvedOptions {
  readonly keys: Keys
  readonly namespace: string | undefined
  readonly ttl: number | undefined
  readonly timeout: number
  readonly cooldown: number
  readonly maxCooldown: number
  readonly isReused: boolean
  readonly serializer: Serializer
  readonly keyBytes: number
  readonly valueBytes: number
  /** Characters from which on an entry is compressed; undefined: never. */
  readonly compressFrom: number | undefined
  readonly onEvent: ((event: CacheEvent) => void) | undefined
}

/** What a transport is made from. */
export interface TransportOptions {
  readonly url: URL
  readonly token: string | undefined
  readonly connectTimeout: number
  readonly valueBytes: number
  readonly createClient: CreateClient | undefined
  readonly tls: Readonly<Record<string, unknown>> | undefined
  readonly credentials: Credentials | undefined
}

/** Characters; less is hardly worth the while. */
const COMPRESS_FROM = 4_096

const NAMES: readonly string[] = [
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
  'tls',
  'credentials',
  'serializer',
  'limits',
  'compression',
  'onEvent',
]

/**
 * Checks the options once and fills in the defaults.
 *
 * @throws TypeError or RangeError that names the option, what was given (never a secret) and what is allowed
 */
export function resolveOptions(options: CacheOptions): ResolvedOptions {
  const given: unknown = options
  if (!isObject(given)) throw new TypeError(`createCache: expected an options object, got ${describe(given)}`)
  refuseUnknown('', given, NAMES)
  refuseUnknown('limits.', options.limits ?? {}, ['keyBytes', 'valueBytes'])
  const { namespace } = options
  checkNamespace(namespace)
  const cooldown = duration('cooldown', options.cooldown ?? 1_000, 0)
  const maxCooldown = duration('maxCooldown', options.maxCooldown ?? Math.max(10_000, cooldown), 0)
  if (maxCooldown < cooldown) throw new RangeError(`maxCooldown: must be at least cooldown (${cooldown}), got ${maxCooldown}`)
  const connection = options.connection ?? 'per-invocation'
  if (connection !== 'per-invocation' && connection !== 'reuse') {
    throw new TypeError(`connection: expected 'per-invocation' or 'reuse', got ${describe(connection)}`)
  }
  const serializer = options.serializer ?? jsonSerializer
  if (!isObject(serializer) || typeof serializer.stringify !== 'function' || typeof serializer.parse !== 'function') {
    throw new TypeError('serializer: expected { stringify(value), parse(text) }')
  }
  for (const name of ['onEvent', 'createClient', 'credentials'] as const) {
    const value: unknown = options[name]
    if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name}: expected a function, got ${describe(value)}`)
  }
  return {
    keys: createKeys(namespace),
    namespace,
    ttl: options.ttl === undefined ? undefined : checkTtl(options.ttl),
    timeout: duration('timeout', options.timeout ?? 250, 1),
    cooldown,
    maxCooldown,
    isReused: connection === 'reuse',
    serializer,
    keyBytes: size('limits.keyBytes', options.limits?.keyBytes ?? 32_768),
    valueBytes: size('limits.valueBytes', options.limits?.valueBytes ?? 8_388_608),
    compressFrom: compressionThreshold(options.compression),
    onEvent: options.onEvent,
  }
}

/**
 * The transport that was handed in, or what one is to be made from.
 *
 * @throws TypeError where neither `url` nor `transport` is given, both are, or one cannot be used
 */
export function resolveTransport(options: CacheOptions, resolved: ResolvedOptions): Transport | TransportOptions {
  const { url, transport } = options
  if (transport !== undefined) {
    if (url !== undefined) throw new TypeError('transport: give either url or transport, not both')
    if (!isObject(transport) || typeof transport.open !== 'function') {
      throw new TypeError("transport: expected a transport, such as tcp(url) from 'fastmiss/tcp'")
    }
    return transport
  }
  if (url === undefined || url === '') {
    throw new TypeError(
      'url: required. Give redis://host:6379, rediss://…, https://….upstash.io with a token, or memory: for a cache in this process',
    )
  }
  if (typeof url !== 'string') throw new TypeError(`url: expected a string, got ${describe(url)}`)
  const { token, tls } = options
  if (token !== undefined && typeof token !== 'string') throw new TypeError(`token: expected a string, got ${describe(token)}`)
  if (tls !== undefined && !isObject(tls)) throw new TypeError(`tls: expected an object for tls.connect, got ${describe(tls)}`)
  return {
    url: parseUrl(url),
    token,
    connectTimeout: options.connectTimeout === undefined ? resolved.timeout : duration('connectTimeout', options.connectTimeout, 1),
    valueBytes: resolved.valueBytes,
    createClient: options.createClient,
    tls,
    credentials: options.credentials,
  }
}

/** @returns the same options. @throws TypeError or RangeError where those of an invocation are wrong */
export function checkInvocation(invocation: InvocationOptions): InvocationOptions {
  if (!isObject(invocation)) throw new TypeError(`invocation: expected an options object, got ${describe(invocation)}`)
  refuseUnknown('invocation.', invocation, ['waitUntil', 'signal', 'deadline'])
  const { waitUntil, deadline } = invocation
  if (waitUntil !== undefined && typeof waitUntil !== 'function') throw new TypeError(`waitUntil: expected a function, got ${describe(waitUntil)}`)
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

function compressionThreshold(compression: unknown): number | undefined {
  if (compression === undefined || compression === false) return undefined
  if (compression === true) return COMPRESS_FROM
  if (!isObject(compression)) throw new TypeError(`compression: expected true, false or { threshold }, got ${describe(compression)}`)
  refuseUnknown('compression.', compression, ['threshold'])
  const { threshold = COMPRESS_FROM } = compression as { readonly threshold?: unknown }
  return size('compression.threshold', threshold)
}
