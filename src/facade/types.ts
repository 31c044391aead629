import type { CacheError } from '../errors.ts'
import type { CacheSettings, InvocationOptions } from '../options/types.ts'
import type { Transport } from '../transport/transport.ts'
import type { CacheOperations } from './operations.ts'

/** Options of {@link createCache}. All durations are whole milliseconds. */
export interface CacheOptions extends CacheSettings {
  /** A transport instead of `url`, for example `tcp(url)` from `fastmiss/tcp` on Workers. */
  readonly transport?: Transport
}

/** One request's view of the cache: one connection, opened by the first operation. */
export interface Invocation<Key extends string = string, Tag extends string = string> extends CacheOperations<Key, Tag>, AsyncDisposable {
  /** Lets what was asked for before finish within its deadline, then destroys the connection. Never rejects. */
  close(): Promise<void>
}

/** A cache. Make it once per isolate: it holds configuration and the memory of an outage, and no socket but with `connection: 'reuse'`. */
export interface Cache<Key extends string = string, Tag extends string = string> extends CacheOperations<Key, Tag> {
  /** A view for one request; close it, or use `await using`. */
  invocation(options?: InvocationOptions): Invocation<Key, Tag>
  /**
   * Loads the driver without connecting, so that no request pays for it. Never rejects: a cache must not keep an application from
   * starting.
   *
   * @returns undefined once it is there, or why it cannot be loaded (`driver`), which `onEvent` is told of as well
   */
  preload(): Promise<CacheError | undefined>
  /**
   * Lets what was asked for before finish within its deadline, then destroys the connection, the one that
   * `connection: 'reuse'` keeps between invocations included. Nothing is switched off: a later call dials anew. Never rejects.
   */
  close(): Promise<void>
}
