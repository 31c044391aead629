import type { Reason } from '../errors.ts'
import type { SchemaOutput, StandardSchema } from './standard-schema.ts'
import type { ReadOptions } from '../options/types.ts'

/**
 * Options of `wrap`, `wrapped` and `wrapMany`. All durations are whole milliseconds. `timeout` bounds what the cache adds to a
 * load: once before the loader, once after it.
 */
export interface WrapOptions<Tag extends string = string> extends ReadOptions {
  /**
   * Time to live: for so long a value is fresh. Default: the cache's `ttl`. Set it to how old an answer may be without anyone minding.
   * A fraction is rounded up; 0 or less: the value is not stored, and what is stored is deleted.
   */
  readonly ttl?: number | undefined
  /**
   * For so long after its `ttl` a value is served at once while it is refreshed in the background (stale-while-revalidate).
   * Needs `waitUntil`, of the invocation or of this call; without it the refresh is waited for. At most one refresh of a key is
   * under way at a time, in all isolates together. Needs a `ttl`. Default 0. For what is read often and may be a little old: no reader waits
   * for the loader again.
   */
  readonly swr?: number
  /**
   * For so long after its `ttl` a value is served where the loader fails. Needs a `ttl`. Default 0. For what is better old than missing.
   */
  readonly staleIfError?: number
  /**
   * Time to live of "there is nothing": of null and undefined. Default: null is stored for `ttl` as any other value, undefined
   * not at all. For lookups that often find nothing, shorter than `ttl`.
   */
  readonly negativeTtl?: number
  /**
   * Names under which `invalidateTags` finds the entry. Default: none. For what changes by an event you hear of. They cost two
   * more commands a tag on a load, one on a hit, and no round trip of their own on a hit. An entry with tags ends after 30 days.
   */
  readonly tags?: readonly Tag[]
  /**
   * A Standard Schema (zod, valibot, arktype …). What is stored and does not pass is a miss, what is loaded and does not pass
   * rejects. What the schema makes of the value is returned; the loaded value is stored. Default: none. For values whose
   * shape may change between deployments.
   */
  readonly schema?: StandardSchema
  /**
   * Up to this fraction of `ttl`, from 0 to 1, is taken off at random. Default 0. For many entries that are written together:
   * they do not end together.
   */
  readonly jitter?: number
  /**
   * Refreshes a fresh value before it ends, the likelier the nearer its end and the longer its loader takes (XFetch). 1 is a good
   * value, more is earlier. Entries that were stored without it are not. Default 0: never. For one key in high demand whose loader is slow, where `swr` is not allowed.
   */
  readonly beta?: number
  /**
   * How long the loader may take, its `schema` included; a number is `hard`. Default: no bound on a loader that is waited for; 10,000 for a refresh in
   * the background, which holds its invocation open for so long at most.
   */
  readonly loaderTimeout?: number | LoaderTimeout
  /**
   * Lets one isolate at a time load a missing value; the others wait for what it stores, no longer than `timeout`, and then load
   * themselves. True holds for `loaderTimeout.hard` (default 10,000), a number for so many ms. Default false. For loaders so
   * dear that a wait and three more commands for each load are cheaper. Refreshes always have such a lease.
   */
  readonly lease?: boolean | number
  /** Keeps the runtime alive for a refresh in the background, for calls outside an invocation. Default: the invocation's. */
  readonly waitUntil?: (promise: Promise<unknown>) => void
}

/** How long a loader may take, in ms. */
export interface LoaderTimeout {
  /**
   * After so long a value within `staleIfError` is served, and the loader goes on in the background (needs `waitUntil`). In
   * `wrapMany` where each of the values that are loaded has such a one. Default: none. For loaders that are mostly quick.
   */
  readonly soft?: number
  /** After so long the loader's `signal` fires and it counts as failed, with a `TimeoutError`. Default: none. */
  readonly hard?: number
}

/** What a loader is called with. */
export interface LoaderContext<Tag extends string = string> {
  readonly key: string
  /** The stored value that is past its time to live, where there is one: for a conditional request, say. */
  readonly stale: unknown
  /** Fires at `loaderTimeout.hard`, and when nobody who asked wants the value any more. */
  readonly signal: AbortSignal
  /** Time to live of this value, in ms, instead of the option's; as `ttl`, 0 or less is over already. @throws RangeError where it is no number */
  setTtl(ttl: number): void
  /**
   * Tags of this value instead of the option's. Where one of them may have been invalidated while the loader ran, the value is
   * not stored.
   */
  setTags(tags: readonly Tag[]): void
  /** The value is returned, and not stored; what was stored before is deleted. */
  doNotStore(): void
}

/** Gets the value from where it comes from. */
export type Loader<Value, Tag extends string = string> = (context: LoaderContext<Tag>) => Value | PromiseLike<Value>

/**
 * Options of `wrapMany`: those of `wrap`, for each key. A loader is called once for all keys that are missing, so that `lease` has no
 * meaning; refreshes have one, key by key.
 */
export interface WrapManyOptions<Tag extends string = string> extends Omit<WrapOptions<Tag>, 'tags' | 'lease' | 'beta'> {
  /** As for `wrap`; a function gives each key's own. */
  readonly tags?: readonly Tag[] | ((key: string) => readonly Tag[])
}

/** What a loader of several values is called with. */
export interface ManyLoaderContext<Tag extends string = string> {
  /** Stored values that are past their time to live, by key. */
  readonly stale: ReadonlyMap<string, unknown>
  /** Fires at `loaderTimeout.hard`, and when the caller does not want the values any more and nobody else waits for one. */
  readonly signal: AbortSignal
  /** As for `wrap`, for one of the keys. */
  setTtl(key: string, ttl: number): void
  setTags(key: string, tags: readonly Tag[]): void
  doNotStore(key: string): void
}

/**
 * Gets the values of keys from where they come from.
 *
 * @returns a Map or an object by key; what is not in it is undefined
 */
export type ManyLoader<Value, Tag extends string = string> = (
  keys: readonly string[],
  context: ManyLoaderContext<Tag>,
) => ManyLoaded<Value> | PromiseLike<ManyLoaded<Value>>

/** Values by key. */
export type ManyLoaded<Value> = ReadonlyMap<string, Value> | { readonly [key: string]: Value }

/** The whole answer of `wrapped`. */
export interface Wrapped<Value> {
  readonly value: Value
  /**
   * `hit` stored and fresh; `stale` stored and past its time to live; `miss` loaded now; `degraded` loaded now, because Redis gave
   * no usable answer.
   */
  readonly status: 'hit' | 'stale' | 'miss' | 'degraded'
  /** ms since the value was stored; 0 where it was loaded now, undefined where another library wrote it. */
  readonly age: number | undefined
  /** Redis holds the value: it was read from there, or its write was confirmed. */
  readonly stored: boolean
  /** Where a `hit` or `stale` comes from: Redis, or a copy in this process (`memory`). */
  readonly from?: 'redis' | 'memory'
  /** Why Redis gave or took nothing; `loader` where a stale value is served because the loader failed or took too long. */
  readonly reason?: Reason | 'loader'
}

/** What a cache and an invocation read through with. */
export interface WrapOperations<Key extends string = string, Tag extends string = string> {
  /**
   * Reads through: the stored value, or the loader's, which is then stored. Concurrent loads of one key in one invocation (on
   * Node, Bun and Deno: in one process) share one call of the loader, and its value: treat it as read-only.
   *
   * @returns what was stored or loaded; with a schema, what that makes of it. Rejects only where the loader does (or takes longer
   *   than `loaderTimeout.hard`, or gives what does not pass the schema) and nothing stale may be served
   * @example
   * ```ts
   * const user = await cache.wrap('user:1', () => db.user(1), { ttl: 60_000, swr: 600_000, tags: ['users'] })
   * ```
   */
  wrap<Schema extends StandardSchema>(
    key: Key,
    loader: Loader<unknown, Tag>,
    options: WrapOptions<Tag> & { readonly schema: Schema },
  ): Promise<SchemaOutput<Schema>>
  wrap<Value>(key: Key, loader: Loader<Value, Tag>, options?: WrapOptions<Tag>): Promise<Value>
  /** `wrap` with the whole answer: where the value came from, how old it is, whether it is stored. */
  wrapped<Schema extends StandardSchema>(
    key: Key,
    loader: Loader<unknown, Tag>,
    options: WrapOptions<Tag> & { readonly schema: Schema },
  ): Promise<Wrapped<SchemaOutput<Schema>>>
  wrapped<Value>(key: Key, loader: Loader<Value, Tag>, options?: WrapOptions<Tag>): Promise<Wrapped<Value>>
  /**
   * `wrap` for many keys: one round trip reads them, one call of the loader gets all that are missing, one round trip stores them.
   * Keys that somebody else loads at the moment are waited for, as in `wrap`.
   *
   * @returns by position; undefined for what the loader did not give. Rejects as `wrap` does, where one of the values has none that
   *   may be served instead
   * @example
   * ```ts
   * const users = await cache.wrapMany(['user:1', 'user:2'], (keys) => db.usersByKey(keys), { ttl: 60_000 })
   * ```
   */
  wrapMany<Schema extends StandardSchema>(
    keys: readonly Key[],
    loader: ManyLoader<unknown, Tag>,
    options: WrapManyOptions<Tag> & { readonly schema: Schema },
  ): Promise<(SchemaOutput<Schema> | undefined)[]>
  wrapMany<Value>(keys: readonly Key[], loader: ManyLoader<Value, Tag>, options?: WrapManyOptions<Tag>): Promise<(Value | undefined)[]>
}
