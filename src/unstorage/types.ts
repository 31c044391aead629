import type { CacheOperations } from '../facade/operations.ts'
import type { CacheOptions } from '../facade/types.ts'

/** What belongs to the driver alone. */
export interface DriverSettings {
  /** The bound on one `getKeys()` or `clear()`, all pages together, in ms. Default 5,000. */
  readonly scanTimeout?: number
  /** What Nitro and Nuxt hand on of `storage: { cache: { driver: 'fastmiss/unstorage' } }`. Nothing is made of it. */
  readonly driver?: string
}

/**
 * Options of the driver: those of `createCache`, durations in ms, or a cache that is there already. On Node over TCP the default of
 * `connection` is `reuse`, since unstorage knows no invocation. Without `url`, `transport` and `cache` the first call reads the environment
 * as `fromEnv` does: what stands in a configuration of Nitro or Nuxt is read when it is built.
 */
export type DriverOptions = DriverSettings & (CacheOptions | { readonly cache: CacheOperations })

/** What unstorage hands to a call: here the time to live of an item, in seconds, as unstorage has it; 0 for the default. */
export interface ItemOptions {
  readonly ttl?: number
  readonly [option: string]: unknown
}

/** A driver of unstorage 1: the shape of its type `Driver`. No call rejects for a fault of Redis. */
export interface FastmissDriver {
  readonly name: 'fastmiss'
  readonly flags: { readonly ttl: true }
  readonly options: DriverOptions
  /** The cache beneath. @throws TypeError where the environment names no Redis and nothing else does */
  getInstance(): CacheOperations
  hasItem(key: string): Promise<boolean>
  /** @returns null where there is none, or no answer */
  getItem(key: string): Promise<string | null>
  getItems(items: readonly { readonly key: string }[]): Promise<{ key: string; value: string | null }[]>
  /** @returns what `setItemRaw` was given, bytes included; null where there is none, or no answer */
  getItemRaw(key: string): Promise<unknown>
  setItem(key: string, value: string, options?: ItemOptions): Promise<void>
  setItems(items: readonly { readonly key: string; readonly value: string; readonly options?: ItemOptions }[], common?: ItemOptions): Promise<void>
  /** Bytes, text, or anything else that a cache stores. */
  setItemRaw(key: string, value: unknown, options?: ItemOptions): Promise<void>
  removeItem(key: string): Promise<void>
  /** `mtime` is when it was written, `ttl` what is left of it in seconds. */
  getMeta(key: string): Promise<{ mtime?: Date; ttl?: number } | null>
  /** @returns the keys beneath the base; those that were found within `scanTimeout` */
  getKeys(base?: string): Promise<string[]>
  /** Deletes what lies beneath the base, as far as it gets within `scanTimeout`. */
  clear(base?: string): Promise<void>
  /** Closes the cache that the driver made; not one that was handed in. */
  dispose(): Promise<void>
}
