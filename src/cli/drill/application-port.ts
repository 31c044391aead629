import type { Answer, CacheSettings } from './rehearsal.ts'

/** What the application is started with. */
export interface ApplicationSetting {
  /** The module whose `createCache` is rehearsed. */
  readonly client: string
  readonly url: string
  readonly token?: string
  /** A PEM file to trust. */
  readonly ca?: string
  /** Whom the certificate is to be for, where the URL names a proxy before it. */
  readonly certifiedHost?: string
  readonly settings: CacheSettings
  readonly namespace: string
  /** What one request reads and writes: the keys of each shard, all in one turn. One of them where there are no shards. */
  readonly keys: readonly ShardKeys[]
  /** Of a cluster: where its nodes are reached. Its attempts to connect are then told with their port. */
  readonly nodeAddress?: Readonly<Record<string, string>>
  /** Time to live of what it writes, ms. */
  readonly ttl: number
  /** ms from one request to the next. */
  readonly pace: number
}

/** The keys of one shard: one that is there, one that is not, and one that is written. */
export interface ShardKeys {
  readonly present: string
  readonly absent: string
  readonly written: string
}

/** What it is told. `end` is the last word. */
export type ApplicationOrder = 'go' | 'pause' | 'end'

/** What it tells. Instants are those of `instant()`. */
export type ApplicationNews =
  | { readonly type: 'paused' }
  | { readonly type: 'asked' | 'over'; readonly at: number }
  | ({ readonly type: 'dial' } & Dial)
  | { readonly type: 'answer'; readonly answer: ShardAnswer }

/** An attempt to open a connection. */
export interface Dial {
  readonly at: number
  /** Of a cluster: whose it is. */
  readonly port?: number
}

/** An answer of one shard. */
export interface ShardAnswer extends Answer {
  /** Its place in `keys`. */
  readonly shard: number
}
