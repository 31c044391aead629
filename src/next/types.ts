import type { CacheOperations } from '../facade/operations.ts'
import type { CacheOptions } from '../facade/types.ts'

/** What belongs to the handlers alone. */
export interface NextSettings {
  /**
   * Whether Redis is asked during `next build`. Default false: then a build needs none, and what it renders stays in its process. True
   * fills Redis with what the build renders; set `buildId` as well, since the build has written none yet.
   */
  readonly duringBuild?: boolean
  /**
   * What tells one build from another: pages and route handlers of one build are not served by another. Default: what `next build` wrote
   * to `BUILD_ID`. Where each instance builds for itself, give `generateBuildId` of next.config or this.
   */
  readonly buildId?: string
}

/**
 * Options of a handler: those of `createCache`, durations in ms, or a cache that is there already. The default of `namespace` is `next`;
 * of `ttl`, how long is kept what Next.js would keep for ever, 30 days; and of `connection`, over TCP, `reuse`.
 */
export type NextOptions = NextSettings & (CacheOptions | { readonly cache: CacheOperations })

/** Options, or a function of them, which is not called during `next build`: for `fromEnv`, which throws where nothing is set. */
export type NextOptionsGiven = NextOptions | (() => NextOptions)

/** How long a response may be used, in seconds: `cacheControl` of Next.js. */
export interface CacheControl {
  readonly revalidate: number | false
  readonly expire: number | undefined
}

/** What an entry of `cacheHandler` is about, told by `kind`: `APP_PAGE`, `APP_ROUTE`, `PAGES`, `FETCH`, `IMAGE` or `REDIRECT`. */
export interface IncrementalValue {
  readonly kind: string
}

/** What Next.js makes a handler with, for each request: those fields that are used. */
export interface HandlerContext {
  readonly serverDistDir?: string | undefined
  readonly fs?: { readFile(path: string, encoding: 'utf8'): Promise<unknown> } | undefined
}

/** What a read is about: those fields that are used. */
export interface GetContext {
  readonly kind?: string
  /** Of a `fetch`: seconds, as the page says that reads it. */
  readonly revalidate?: number | false | undefined
  readonly tags?: readonly string[] | undefined
  /** Tags of the path that is rendered. */
  readonly softTags?: readonly string[] | undefined
}

/** What a write is about: those fields that are used. */
export interface SetContext {
  readonly fetchCache?: boolean | undefined
  readonly tags?: readonly string[] | undefined
  readonly cacheControl?: CacheControl | undefined
}

/** What `get` of a handler says. */
export interface HandlerValue<Value = never> {
  /** Epoch ms. */
  readonly lastModified: number
  readonly value: Value | null
  readonly cacheControl?: CacheControl
}

/** What Next.js takes for `cacheHandler`: pages, route handlers, `fetch` and images. No call rejects for a fault of Redis. */
export interface IncrementalHandler {
  /** The value's type is what Next.js says it is. */
  get(key: string, context?: GetContext): Promise<HandlerValue | null>
  /** @param value null: the page is not found */
  set(key: string, value: IncrementalValue | null, context?: SetContext): Promise<void>
  /** @param durations seconds after which entries may not be served stale any more; without it they are gone at once */
  revalidateTag(tags: string | readonly string[], durations?: { readonly expire?: number | undefined }): Promise<void>
  resetRequestCache(): void
}

/** The class that Next.js makes its handlers of. */
export type IncrementalHandlerClass = new (context: HandlerContext) => IncrementalHandler

/** An entry of `'use cache'`. */
export interface UseCacheEntry {
  /** Read once. */
  value: ReadableStream<Uint8Array>
  tags: string[]
  /** Seconds, for the client. */
  stale: number
  /** Epoch ms, when it began to be made. */
  timestamp: number
  /** Seconds. */
  expire: number
  /** Seconds; below 0: it is served once more, and made anew. */
  revalidate: number
}

/** What Next.js takes for one kind of `cacheHandlers`. No call rejects for a fault of Redis. */
export interface UseCacheHandler {
  get(key: string, softTags: string[]): Promise<UseCacheEntry | undefined>
  set(key: string, pending: Promise<UseCacheEntry>): Promise<void>
  refreshTags(): Promise<void>
  /** @returns Infinity: `get` judges soft tags */
  getExpiration(...tags: unknown[]): Promise<number>
  /** Next.js 16. */
  updateTags(tags: string[], durations?: { expire?: number }): Promise<void>
  /** Next.js 15. */
  expireTags(...tags: string[]): Promise<void>
  /** Next.js before 15.3 calls it at each request, with what another process has expired. There is nothing to do: `get` asks Redis. */
  receiveExpiredTags(...tags: string[]): Promise<void>
}
