import type { CacheEvent } from './events.ts'
import { createKeys, type Keys, namespaceProblem } from './key.ts'
import { jsonSerializer } from './serializer.ts'
import type { Transport } from './transport/transport.ts'
import type { CacheOptions, CallOptions, CreateClient, Credentials, InvocationOptions, Serializer } from './types.ts'
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

/** The longest delay that timers take: 2^31 - 1 ms, 24.8 days; longer ones fire at once. */
const MAX_DELAY = 2_147_483_647

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

/** @returns the same number. @throws RangeError where it is no time to live */
export function checkTtl(ttl: number, name = 'ttl'): number {
  // A ttl is no timer: Redis takes far more than timers do.
  if (!Number.isSafeInteger(ttl) || ttl < 1) {
    throw new RangeError(`${name}: expected whole milliseconds, 1 or more, got ${describe(ttl)}; leave it out for no expiry`)
  }
  return ttl
}

/** @throws TypeError where they are not names */
export function checkTags(tags: readonly string[]): void {
  if (!Array.isArray(tags)) throw new TypeError(`tags: expected an array of strings, got ${describe(tags)}`)
  for (const tag of tags as readonly unknown[]) {
    if (typeof tag !== 'string' || tag === '') throw new TypeError(`tags: expected strings that are not empty, got ${describe(tag)}`)
  }
}

/** @throws TypeError or RangeError where the options of one call are wrong */
export function checkCall(call: CallOptions): void {
  if (!isObject(call)) throw new TypeError(`options: expected an object, got ${describe(call)}`)
  if (call.timeout !== undefined) duration('timeout', call.timeout, 1)
  checkSignal(call.signal)
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

function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError(`signal: expected an AbortSignal, got ${describe(signal)}`)
}

function checkNamespace(namespace: unknown): void {
  if (namespace === undefined) return
  if (typeof namespace !== 'string') throw new TypeError(`namespace: expected a string, got ${describe(namespace)}`)
  const problem = namespaceProblem(namespace)
  if (problem !== undefined) throw new TypeError(`namespace: ${problem}; got '${namespace}'`)
}

/** @returns the same number. @throws RangeError that names the option */
export function duration(name: string, value: unknown, least: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > MAX_DELAY) {
    throw new RangeError(`${name}: expected whole milliseconds from ${least} to ${MAX_DELAY}, got ${describe(value)}`)
  }
  return value
}

function size(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`${name}: expected a whole number of bytes, 1 or more, got ${describe(value)}`)
}

/** @throws TypeError for an option that nobody knows */
export function refuseUnknown(prefix: string, given: object, names: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw new TypeError(`${prefix}${name}: unknown option. Known: ${names.join(', ')}`)
  }
}

/** Narrows to an object. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Numbers and short literals as they are; anything that might be a secret by its type only. */
export function describe(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined) return String(value)
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
