import type { CacheResult, Health } from '../options/results.ts'
import type { CallOptions, ClearCallOptions, ExpireOptions, KeyList, KeysOptions, ReadOptions, SetEntry, SetOptions } from '../options/types.ts'
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
  /**
   * Reads an entry and deletes it: a value that is for one reader alone, such as a nonce. Atomic where Redis knows GETDEL (6.2, Upstash).
   * Before that it is two commands: no value is given twice, and one that is written between them is lost.
   *
   * @returns as `get`. Undefined may also mean that the answer was lost, and the entry with it: it is never given twice
   */
  take<Value = unknown>(key: Key, options?: CallOptions): Promise<Value | undefined>
  /**
   * Gives an entry another time to live, in ms from now; its value, its tags and its windows (`swr`, `staleIfError`) stay. 0 or less
   * deletes it. It is read and written again, in two round trips, three with tags: a value that is written between them may be
   * replaced by the older one, and one that is deleted between them stays deleted.
   *
   * @returns true where it was there, as `get` sees it, and Redis confirmed
   */
  touch(key: Key, ttl: number, options?: CallOptions): Promise<boolean>
  /**
   * The keys of the cache's namespace, in no order, read in pages without stopping Redis; without a namespace those that hold no `::`.
   * A key that Redis moves meanwhile may come twice, and one whose entry `get` would not serve any more may come too. Each page is
   * bounded by `timeout`.
   *
   * @returns an iterator that never throws for a fault of Redis: it ends, and its `failure` tells that the list is not complete
   * @throws TypeError or RangeError where an option is wrong
   */
  keys(options?: KeysOptions): KeyList<Key>
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
   * Makes every entry with one of the tags stale instead of gone, for whoever `invalidateTags` would make it gone for: `wrap` loads
   * it anew, and still serves it within its windows `swr` and `staleIfError`, which begin now. For `get` it is not there. Without
   * such a window, and for `responseCache`, it comes to the same as `invalidateTags`. With `staleFor` they are gone after that. Three
   * commands a tag, one round trip.
   *
   * @returns true where Redis confirmed all of them
   */
  expireTags(tags: readonly Tag[], options?: ExpireOptions): Promise<boolean>
  /**
   * Deletes the entries of the cache's namespace, and of no other; with `prefix` those whose keys begin with it; without a namespace those whose keys hold no `::`. In pages,
   * without stopping Redis.
   *
   * @returns true once everything is gone that was there when it began; false where there is more, or Redis gave no answer: the
   *   next call goes on
   */
  clear(options?: ClearCallOptions): Promise<boolean>
  /** A PING that ignores the cooldown. */
  health(options?: CallOptions): Promise<Health>
  /**
   * A view of a namespace within this one, over the same connection, cooldown and options. Its keys and tags are its own: no other
   * namespace can come to the same, nested or not, and `clear` of the one leaves the other alone.
   *
   * @throws TypeError where the name is empty, holds `::`, or begins or ends with a colon
   */
  namespace<InnerKey extends string = string, InnerTag extends string = string>(name: string): CacheOperations<InnerKey, InnerTag>
}
