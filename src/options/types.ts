import type { CacheError } from '../errors.ts'
import type { CacheEvent } from './events.ts'

export type { CacheDegraded, CacheHit, CacheMiss, CacheResult, Health } from './results.ts'

/** Turns an envelope into text and back: the shape of Keyv's serialization adapter. */
export interface Serializer {
  stringify(value: unknown): string
  parse(text: string): unknown
}

/** What is refused before it is sent, and cut off when it is received. */
export interface Limits {
  /** A whole key, namespace included, and what a tag is stored as. Default 32,768, the limit of Upstash. */
  readonly keyBytes?: number
  /** A stored entry. Default 8,388,608 (8 MiB); a larger reply is `oversize`. */
  readonly valueBytes?: number
}

/** Options of `createCache`, but for a transport that is handed in. All durations are whole milliseconds. */
export interface CacheSettings {
  /**
   * Where Redis is; the scheme picks the transport: `redis:`, `rediss:` and `unix:` TCP (node-redis),
   * `redis+cluster://host:6379,host:6379` a cluster, `redis+sentinel://host:26379/name` the primary that sentinels name, both with `rediss+…` over TLS,
   * `https:` and `http:` Upstash's REST API, `memory:` a bounded map in this process.
   * Required unless `transport` is given.
   */
  readonly url?: string | undefined
  /** Upstash REST token; required with an `http(s):` URL. */
  readonly token?: string | undefined
  /** Keys are stored as `namespace::key`, as Keyv 6 stores write them. Default: none, keys are stored as they are. */
  readonly namespace?: string
  /** Time to live of an entry. Default: no expiry. Here whole ms, 1 or more; what comes with an entry may be any number. */
  readonly ttl?: number | undefined
  /** The bound on any one operation, connection included. Default 250. */
  readonly timeout?: number
  /** TCP: the bound on opening a connection, TLS and Redis handshake included. Default: `timeout`. */
  readonly connectTimeout?: number
  /** How long a failure of the connection is remembered; doubles while probes fail. Default 1,000. */
  readonly cooldown?: number
  /** Up to this. Default 10,000. `cooldown: 0, maxCooldown: 0` is purely stateless. */
  readonly maxCooldown?: number
  /** TCP on Node: a connection for each invocation, or one kept between them. Default `per-invocation`. */
  readonly connection?: 'per-invocation' | 'reuse'
  /**
   * Upstash: the field `cache` of each `fetch`, where the runtime takes it. Default `no-store`: a framework that keeps the answers of
   * `fetch`, as Next.js 13 and 14 do, would freeze every read. With `default` or `force-cache` its static pages may be built from reads.
   */
  readonly fetchCache?: FetchCache
  /** TCP: `createClient` from `redis` or `@redis/client`, instead of the built-in driver. */
  readonly createClient?: CreateClient
  /** TCP: options for `tls.connect`, such as `ca`, `cert`, `key`, `servername`. Needs `rediss:`. */
  readonly tls?: Readonly<Record<string, unknown>>
  /** TCP: asked once per connection, inside the deadline, for example for an IAM token. */
  readonly credentials?: Credentials
  /** A cluster or sentinels: `fallback` reads entries from a replica while their primary is out. Default `primary`. */
  readonly readFrom?: 'primary' | 'fallback'
  /** A cluster or sentinels: where nodes are reached that go by another address than they announce, behind NAT for example. */
  readonly nodeAddress?: NodeAddress
  /** Sentinels: as `credentials`, for the sentinels themselves. Default: none. */
  readonly sentinelCredentials?: Credentials
  /** How values become text. Default: Keyv 6's JSON. */
  readonly serializer?: Serializer
  readonly limits?: Limits
  /**
   * Compresses entries of `threshold` characters or more (default 4,096; true takes the default), where that makes them smaller.
   * Default false: on a fast link it costs more CPU than it saves in time. For a Redis that is far away, or whose memory is dear.
   * Entries that were compressed are read with or without it, and by `fastmiss/keyv`; a Keyv over another store does not read them.
   */
  readonly compression?: boolean | { readonly threshold?: number }
  /**
   * Copies in this process, in front of Redis: a hit costs no round trip, and in an outage what was read before is still answered.
   * A change made elsewhere is seen at most `memory.ttl` later. True takes the defaults. Default: none.
   */
  readonly memory?: boolean | MemoryOptions
  /** Called for every answer and every change of the outage state. The library never logs. */
  readonly onEvent?: (event: CacheEvent) => void
}

/** What the runtime may do with the answers of its `fetch`: keep none, as it likes, or keep them. */
export type FetchCache = 'no-store' | 'default' | 'force-cache'

/** `createClient` of `redis` or `@redis/client`; called once a connection. User name and password come by a function, so that its options stay the same. */
export type CreateClient = (options: never) => unknown

/** User name and password, fetched when a connection is opened. */
export type Credentials = () => Promise<{ readonly username?: string; readonly password?: string }>

/**
 * Where a node is to be reached that goes by another address than it announces, behind NAT or by the name on its certificate. Called with
 * `host:port`; undefined leaves it as it is. Or a record from the one to the other.
 */
export type NodeAddress = ((announced: string) => string | undefined) | Readonly<Record<string, string>>

/** Bounds of the copies that a cache keeps in its process. */
export interface MemoryOptions {
  /** ms that a copy answers without asking Redis: a change made elsewhere is seen at most so much later. Default 5,000. */
  readonly ttl?: number
  /** How many copies; the least recently used goes first. Default 10,000. */
  readonly entries?: number
  /** Bytes of keys and stored texts, all copies together; a text above a tenth of it is not kept. Default 16,777,216 (16 MiB). */
  readonly bytes?: number
  /**
   * ms since Redis last confirmed a copy for which it may answer while Redis gives no answer. Default 3,600,000 (an hour).
   * 0 is never: then nothing is kept that Redis has not confirmed.
   */
  readonly outage?: number
  /**
   * True: a value is decoded once, and the same object is handed to everybody, who must not change it. Default false: each caller
   * gets a value of its own.
   */
  readonly share?: boolean
}

/** Options of one call. */
export interface CallOptions {
  /** The bound on this operation, in ms, instead of the cache's. */
  readonly timeout?: number
  /** Ends the wait for this operation: it is then answered `degraded: aborted`. */
  readonly signal?: AbortSignal
}

/** Options of one read. */
export interface ReadOptions extends CallOptions {
  /** False: Redis is asked, whatever copies in this process say; what it answers takes their place. Default true. */
  readonly memory?: boolean
}

/** Options of `cache.invocation`. */
export interface InvocationOptions {
  /** Keeps the runtime alive for work after the response: `ctx.waitUntil` on Workers. */
  readonly waitUntil?: (promise: Promise<unknown>) => void
  /** Fires when the request is gone: everything pending is answered `degraded: aborted`. */
  readonly signal?: AbortSignal
  /** Epoch ms after which nothing is waited for, such as the end of a Lambda invocation. */
  readonly deadline?: number
}

/** Options of one write. */
export interface SetOptions<Tag extends string = string> extends CallOptions {
  /** Time to live in ms, instead of the cache's; a fraction is rounded up. 0 or less: nothing is stored, and what is stored is deleted. */
  readonly ttl?: number | undefined
  /** Names under which `invalidateTags` finds the entry. One more round trip before the write; the entry ends after 30 days. */
  readonly tags?: readonly Tag[]
}

/** One entry of `cache.setMany`. */
export interface SetEntry<Key extends string = string, Tag extends string = string> {
  readonly key: Key
  readonly value: unknown
  readonly ttl?: number | undefined
  readonly tags?: readonly Tag[]
}

/** Options of `cache.expireTags`. */
export interface ExpireOptions extends CallOptions {
  /** ms from now on for which the entries may be served stale; then they are gone. Default: as long as their own windows say. */
  readonly staleFor?: number | undefined
}

/** Options of `cache.keys`; `timeout` bounds each page. */
export interface KeysOptions extends CallOptions {
  /** Only keys that begin with it. Default: all. */
  readonly prefix?: string
}

/** The keys that `cache.keys` finds. */
export interface KeyList<Key extends string = string> extends AsyncGenerator<Key, void, undefined> {
  /** Why it ended before all were found; undefined where that is not so. */
  readonly failure: CacheError | undefined
}

/** Options of `cache.clear`. */
export interface ClearCallOptions {
  /** Only entries whose keys begin with it. Default: all, and what is stored for tags. */
  readonly prefix?: string
  /** The bound on the whole call, in ms. Default: the cache's `timeout`. */
  readonly timeout?: number
  /** Ends the call: it is then not complete. */
  readonly signal?: AbortSignal
}
