import type { CacheResult, Health } from '../options/results.ts'
import type { CallOptions, ClearCallOptions, ReadOptions, SetEntry, SetOptions } from '../options/types.ts'
import type { WrapOperations } from '../wrap/types.ts'

/**
 * The operations that a cache and an invocation share. None of them rejects for a cache fault.
 *
 * An entry is served until its `ttl` ends. One that `wrap` stored with `swr` or `staleIfError` is kept for longer: only `wrap`
 * with such an option serves it then, and `lookup` shows it as `stale`; for `get`, `getMany`, `has` and `hasMany` it is not
 * there. An entry with a tag that was invalidated is there for nobody.
 */
export interface CacheOperations<Key extends string = string, Tag extends string = string> extends WrapOperations<Key, Tag> {
  /** @returns the value, or undefined where there is none or Redis is sick: `lookup` tells which. */
  get<Value = unknown>(key: Key, options?: ReadOptions): Promise<Value | undefined>
  /** @returns true only if Redis confirmed the write. */
  set(key: Key, value: unknown, options?: SetOptions<Tag>): Promise<boolean>
  /** @returns by position; undefined for what is not there. */
  getMany<Value = unknown>(keys: readonly Key[], options?: ReadOptions): Promise<(Value | undefined)[]>
  /** @returns by position; true where Redis confirmed the write. */
  setMany(entries: readonly SetEntry<Key, Tag>[], options?: CallOptions): Promise<boolean[]>
  /** @returns true where Redis confirmed that the key is gone, whether it existed or not. */
  delete(key: Key, options?: CallOptions): Promise<boolean>
  /** @returns by position, as `delete`. */
  deleteMany(keys: readonly Key[], options?: CallOptions): Promise<boolean[]>
  /** @returns true where `get` would give a value, null included; not for a remembered `undefined` (`negativeTtl`). It costs as much. */
  has(key: Key, options?: ReadOptions): Promise<boolean>
  /** @returns by position, as `has`. */
  hasMany(keys: readonly Key[], options?: ReadOptions): Promise<boolean[]>
  /** `get` with the whole answer: hit, stale, miss or degraded with its reason. */
  lookup<Value = unknown>(key: Key, options?: ReadOptions): Promise<CacheResult<Value>>
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
