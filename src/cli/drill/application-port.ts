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
  /** Time to live of what it writes, ms. */
  readonly ttl: number
  /** ms from one request to the next. */
  readonly pace: number
}

/** What it is told. `end` is the last word. */
export type ApplicationOrder = 'go' | 'pause' | 'end'

/** What it tells. Instants are those of `instant()`. */
export type ApplicationNews =
  | { readonly type: 'paused' }
  | { readonly type: 'asked' | 'dial' | 'over'; readonly at: number }
  | { readonly type: 'answer'; readonly answer: Answer }
