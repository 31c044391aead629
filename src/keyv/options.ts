import { internals } from '../facade/internals.ts'
import { refuseUnknown } from '../options/checks.ts'
import { CACHE_OPTIONS } from '../options/resolve-options.ts'
import { isOverTcp } from '../transport/is-over-tcp.ts'
import type { CacheOperations } from '../facade/operations.ts'
import type { CacheOptions } from '../facade/types.ts'
import type { KeyFormat } from './keys.ts'
import type { KeyvMajor } from './lifetime.ts'
import { translate, type KeyvRedisOptions } from './keyv-redis-options.ts'

/** Options of the store alone. */
interface StoreOptions {
  /**
   * The major version of the Keyv that calls the store. Keyv 5 gives a time to live where Keyv 6 gives an instant.
   * Default 6; `createKeyv` follows the Keyv that is installed.
   */
  readonly keyv?: KeyvMajor
  /**
   * Keys are stored beneath it. Kept where Keyv has none or the default of Keyv 5; another one of Keyv 6 takes its place, another one of
   * Keyv 5 is refused. Default: that of the cache.
   */
  readonly namespace?: string
  /** How keys are stored. Default `namespace::key`. */
  readonly keyFormat?: KeyFormat
  /** The bound on `clear()` and on all of it, in ms; the next call goes on. Default 5,000. */
  readonly clearTimeout?: number
  /**
   * Whether a fault of Redis is told by an `error` event. Default true. False where what is built on Keyv takes that for a failure of
   * its own, as got and cacheable-request do: a request then fails because its cache is away. `onEvent` tells of faults either way.
   */
  readonly emitErrors?: boolean
}

/**
 * Options of the store and of the cache beneath it. Time to live, serializer and compression are Keyv's own. On Node over TCP the default of
 * `connection` is `reuse`, since Keyv knows no invocation.
 */
export interface KeyvFastmissOptions extends StoreOptions, Omit<CacheOptions, 'ttl' | 'serializer' | 'compression' | 'namespace'>, KeyvRedisOptions {}

/** The same, where they say which Keyv calls the store: its types follow. */
export type ForKeyv<Major extends KeyvMajor> = KeyvFastmissOptions & { readonly keyv?: Major }

/** A URL, a cache or an invocation that is there already, or options with a `url` or a `transport`. */
export type KeyvFastmissTarget = string | CacheOperations | KeyvFastmissOptions

/** The cache beneath a store, and what the store needs beside it. */
export interface Opened extends StoreOptions {
  readonly cache: CacheOperations
  /** Gives up what was made for the store; nothing of a cache that was handed in. */
  readonly close: () => Promise<void>
}

/** Keyv's own. */
const REFUSED: readonly string[] = ['ttl', 'serializer', 'compression']
const OWN: readonly string[] = ['keyv', 'keyFormat', 'clearTimeout', 'emitErrors']

/** How the runtime of the entry makes a cache. */
export interface StoreRuntime {
  readonly createCache: (options: CacheOptions) => CacheOperations & { close(): Promise<void> }
  /** Whether a TCP connection may be kept between calls. */
  readonly keepsConnections: boolean
}

/**
 * Makes the cache beneath a store, or takes the one that is there.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 */
export function openCache(target: KeyvFastmissTarget, options: KeyvFastmissOptions, runtime: StoreRuntime): Opened {
  if (isCache(target)) return { ...toStoreOptions(options, true), cache: target, close: async () => {} }
  if (isClient(target)) {
    throw new TypeError(
      'target: expected a URL, options or a cache, got a client. For a driver of your own give { url, createClient } with the createClient of redis',
    )
  }
  const all = translate(typeof target === 'string' ? { ...options, url: target } : { ...target, ...options })
  for (const name of REFUSED) {
    if (name in all) throw new TypeError(`${name}: is Keyv's own option; give it to new Keyv({ store, … })`)
  }
  refuseUnknown('', all, [...OWN, ...CACHE_OPTIONS.filter((name) => !REFUSED.includes(name))])
  const { keyv: _keyv, keyFormat: _keyFormat, clearTimeout: _clearTimeout, emitErrors: _emitErrors, ...cacheOptions } = all
  const keeps = runtime.keepsConnections && isOverTcp(cacheOptions)
  const cache = runtime.createCache(keeps ? { connection: 'reuse', ...cacheOptions } : cacheOptions)
  return { ...toStoreOptions(all, false), cache, close: () => cache.close() }
}

function isCache(target: KeyvFastmissTarget): target is CacheOperations {
  return typeof target === 'object' && target !== null && internals in target
}

function isClient(target: unknown): boolean {
  return typeof target === 'object' && target !== null && 'sendCommand' in target
}

/** @param isAlone whether any other option would go unheard */
function toStoreOptions(options: KeyvFastmissOptions, isAlone: boolean): StoreOptions {
  const { keyv = 6, namespace, keyFormat = 'namespace::key', clearTimeout = 5_000, emitErrors = true, ...others } = options
  const unheard = Object.keys(others)[0]
  if (isAlone && unheard !== undefined) throw new TypeError(`${unheard}: belongs to createCache(), where the cache was made`)
  if (keyv !== 5 && keyv !== 6) throw new TypeError(`keyv: expected 5 or 6, got ${String(keyv)}`)
  if (keyFormat !== 'namespace::key' && keyFormat !== 'namespace::namespace:key') {
    throw new TypeError(`keyFormat: expected 'namespace::key' or 'namespace::namespace:key', got '${String(keyFormat)}'`)
  }
  if (!Number.isInteger(clearTimeout) || clearTimeout < 1) {
    throw new RangeError(`clearTimeout: expected whole milliseconds, 1 or more, got ${String(clearTimeout)}`)
  }
  if (typeof emitErrors !== 'boolean') throw new TypeError(`emitErrors: expected a boolean, got ${String(emitErrors)}`)
  return { keyv, keyFormat, clearTimeout, emitErrors, ...(namespace === undefined ? {} : { namespace }) }
}
