import type { CacheResult, Health } from '../options/results.ts'
import type { SchemaOutput, StandardSchema } from '../wrap/standard-schema.ts'
import type { CallOptions } from '../options/types.ts'
import type { Loader, ManyLoader, Wrapped, WrapManyOptions, WrapOptions } from '../wrap/types.ts'

/** Options of one write. */
export interface SetOptions<Tag extends string = string> extends CallOptions {
  /** Time to live in ms, instead of the cache's. `undefined` means the cache's. */
  readonly ttl?: number | undefined
  /** Names under which `invalidateTags` finds the entry. One more round trip before the write; the entry ends after 30 days. */
  readonly tags?: readonly Tag[]
}

/** One entry of {@link CacheOperations.setMany}. */
export interface SetEntry<Key extends string = string, Tag extends string = string> {
  readonly key: Key
  readonly value: unknown
  readonly ttl?: number | undefined
  readonly tags?: readonly Tag[]
}

/** Options of {@link CacheOperations.clear}. */
export interface ClearCallOptions {
  /** The bound on the whole call, in ms. Default: the cache's `timeout`. */
  readonly timeout?: number
  /** Ends the call: it is then not complete. */
  readonly signal?: AbortSignal
}

/**
 * The operations that a cache and an invocation share. None of them rejects for a cache fault.
 *
 * An entry is served until its `ttl` ends. One that `wrap` stored with `swr` or `staleIfError` is kept for longer: only `wrap`
 * with such an option serves it then, and `lookup` shows it as `stale`; for `get`, `getMany`, `has` and `hasMany` it is not
 * there. An entry with a tag that was invalidated is there for nobody.
 */
export interface CacheOperations<Key extends string = string, Tag extends string = string> {
  /** @returns the value, or undefined where there is none or Redis is sick: `lookup` tells which. */
  get<Value = unknown>(key: Key, options?: CallOptions): Promise<Value | undefined>
  /** @returns true only if Redis confirmed the write. */
  set(key: Key, value: unknown, options?: SetOptions<Tag>): Promise<boolean>
  /** @returns by position; undefined for what is not there. */
  getMany<Value = unknown>(keys: readonly Key[], options?: CallOptions): Promise<(Value | undefined)[]>
  /** @returns by position; true where Redis confirmed the write. */
  setMany(entries: readonly SetEntry<Key, Tag>[], options?: CallOptions): Promise<boolean[]>
  /** @returns true where Redis confirmed that the key is gone, whether it existed or not. */
  delete(key: Key, options?: CallOptions): Promise<boolean>
  /** @returns by position, as `delete`. */
  deleteMany(keys: readonly Key[], options?: CallOptions): Promise<boolean[]>
  /** @returns true where `get` would give a value, null included; not for a remembered `undefined` (`negativeTtl`). It costs as much. */
  has(key: Key, options?: CallOptions): Promise<boolean>
  /** @returns by position, as `has`. */
  hasMany(keys: readonly Key[], options?: CallOptions): Promise<boolean[]>
  /** `get` with the whole answer: hit, stale, miss or degraded with its reason. */
  lookup<Value = unknown>(key: Key, options?: CallOptions): Promise<CacheResult<Value>>
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
  /**
   * Makes every entry with one of the tags invalid, for every operation outside an invocation and every invocation that begin
   * afterwards, in all isolates; a load that is under way is not stored as valid. One command a tag.
   *
   * @returns true where Redis confirmed all of them
   */
  invalidateTags(tags: readonly Tag[], options?: CallOptions): Promise<boolean>
  /**
   * Deletes the entries of the cache's namespace, and of no other; without a namespace those whose keys hold no `::`. In pages,
   * without stopping Redis.
   *
   * @returns true once everything is gone that was there when it began; false where there is more, or Redis gave no answer: the
   *   next call goes on
   */
  clear(options?: ClearCallOptions): Promise<boolean>
  /** A PING that ignores the cooldown. */
  health(options?: CallOptions): Promise<Health>
}
