import type { Freshness } from './freshness.ts'

/** A header field. */
export type Field = readonly [name: string, value: string]

/** A response as it is kept. Instants are epoch ms. */
export interface StoredResponse {
  /** The whole key, compared on read: two texts with one hash are a miss. */
  readonly key: string
  /** The request fields that selected it and their values, null for absent ones (RFC 9111 §4.1). */
  readonly vary: readonly (readonly [name: string, value: string | null])[]
  /** The marker that it belongs to; undefined where nothing selects between variants. */
  readonly of: string | undefined
  readonly status: number
  readonly headers: readonly Field[]
  /** Text where the bytes are UTF-8. */
  readonly body: string | Uint8Array<ArrayBuffer>
  /** When the response was there, and how old it was then, in ms. */
  readonly responseAt: number
  readonly initialAge: number
  readonly freshness: Freshness
  /** Tags with the versions that they had when it was stored. */
  readonly tags: readonly (readonly [tag: string, version: string])[]
}

/** What stands under a key whose responses vary: the second level lies under keys of its own. */
export interface Marker {
  readonly key: string
  /** Made anew with each marker, so that variants of one that was invalidated never come back. */
  readonly id: string
  /** Names of request fields, sorted. */
  readonly vary: readonly string[]
  /** The keys of the variants, the oldest first. */
  readonly variants: readonly string[]
}

/** Older than can be said counts as this, in ms (RFC 9111 §1.2.2). */
const MAX_AGE = 2 ** 31 * 1000

/** How old a response is, in ms (RFC 9111 §4.2.3, `current_age`). */
export function currentAge({ responseAt, initialAge }: StoredResponse, now: number): number {
  return Math.min(MAX_AGE, initialAge + Math.max(0, now - responseAt))
}

/** How long until it stops being fresh, in ms; negative where it is stale. */
export function remainingLifetime(stored: StoredResponse, now: number): number {
  return stored.freshness.lifetime - currentAge(stored, now)
}

/** The value of a stored field, its lines joined. */
export function storedField({ headers }: Pick<StoredResponse, 'headers'>, name: string): string | null {
  const values = headers.filter(([one]) => one === name).map(([, value]) => value)
  return values.length === 0 ? null : values.join(', ')
}
