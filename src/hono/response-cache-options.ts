import type { Context } from 'hono'
import type { CacheSource } from './cache-source.ts'

/** Options of {@link responseCache}. All durations are whole milliseconds. */
export interface ResponseCacheOptions {
  /** A cache, or how to make one of the environment. Default: that of `cacheContext`, which must then stand before it. */
  readonly cache?: CacheSource
  /**
   * `safe` (default): only what responses say themselves, or `ttl` says for them; clients cannot force a reload.
   * `full`: `heuristic`, `reload`, `fillRanges` and `normalizeVary` as well.
   */
  readonly preset?: 'safe' | 'full'
  /** Freshness of responses that say nothing of their own: no Cache-Control, no Expires, no targeted field. Default: they are not stored. */
  readonly ttl?: number
  /** For the same responses: how long a stale one is served while a fresh one is fetched aside. Default 0. */
  readonly swr?: number
  /** For the same responses: how long a stale one stands in for 500, 502, 503, 504 or a handler that throws. Default 0. */
  readonly staleIfError?: number
  /** Guess freshness from `Last-Modified` (RFC 9111 §4.2.2). Default: the preset's. */
  readonly heuristic?: boolean
  /** Obey `no-cache`, `max-age`, `min-fresh` and `max-stale` of requests. Default: the preset's. */
  readonly reload?: boolean
  /** Ask the handler for the whole where a range of something not stored is asked for. Default: the preset's. */
  readonly fillRanges?: boolean
  /**
   * Where responses vary by `Accept-Language` or `Accept-Encoding`: values that mean the same select the same response. Order, case and
   * space do not count, and one language or coding that the response names serves all who like none better. A handler that prefers
   * the first of two languages of equal weight needs `false`. Default: the preset's.
   */
  readonly normalizeVary?: boolean
  /** Stands in for path and query in the key; undefined for both as received. */
  readonly key?: (c: Context) => string | undefined
  /** Request fields that always select, beside those of `Vary`. Also lets a field such as `X-Forwarded-Host` differ from the URL. */
  readonly vary?: readonly string[]
  /** The query parameters that select; others do not. Default: the whole query as received. */
  readonly allowQuery?: readonly string[]
  /** Cookies that select. A request with any other goes past the cache. Default: none. */
  readonly cookies?: readonly string[]
  /** Cookies that no response depends on, or true for all that are not in `cookies`. Default: none. */
  readonly ignoreCookies?: readonly string[] | true
  /** Request fields that count as Authorization, instead of the default: those of APIs, platforms and proxies that say who asks. */
  readonly credentialHeaders?: readonly string[]
  /**
   * Request fields that the app may believe instead of the URL, instead of the default: a request in which one of them says something
   * else goes past the cache. Every value of a field that is not known counts as something else.
   */
  readonly believedHeaders?: readonly string[]
  /** The methods that are answered from the store. Default: GET and HEAD. */
  readonly methods?: readonly ('GET' | 'HEAD')[]
  /** The only statuses that are stored. Default: whatever the response allows, and for `ttl` those cacheable by default (RFC 9110 §15.1). */
  readonly statuses?: readonly number[]
  /** Tags beside those of `Cache-Tag` and `Cache-Groups`; asked after the handler. */
  readonly tags?: (c: Context) => readonly string[]
  /** Requests that go past the cache. */
  readonly skip?: (c: Context) => boolean
  /** Targeted fields in order (RFC 9213). Default: `CDN-Cache-Control`. */
  readonly targets?: readonly string[]
  /** Longer bodies stream through unstored. Default 1,048,576 (1 MiB). */
  readonly maxBodyBytes?: number
  /** Responses with longer header sections are not stored. Default 16,384. */
  readonly maxHeaderBytes?: number
  /** Variants of one URL; beyond it the oldest goes. Default 32. */
  readonly maxVariants?: number
  /** How long a stale response with a validator is kept, to be validated. Default 86,400,000 (a day). */
  readonly keep?: number
  /**
   * How long a request waits for the handler's answer to another one of the same key, before it asks itself. 0 (default) is never.
   * Only where requests may share a promise: a server on Node, Bun or Deno, not Workers.
   */
  readonly collapse?: number
  /** This cache's name in `Cache-Status`, a token. Default `fastmiss`. */
  readonly name?: string
  /** Show the key's hash in `Cache-Status`. Default: false. */
  readonly showKey?: boolean
  /**
   * How the runtime is told of work after the response. Default: the platform's `waitUntil`; without one, stale responses are
   * refreshed before they are answered. A server that stays up may give `() => (promise) => void promise`.
   */
  readonly waitUntil?: (c: Context) => (promise: Promise<unknown>) => void
}
