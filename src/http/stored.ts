import type { Freshness } from './freshness.ts'

/** A header field. */
export type Field = readonly [name: string, value: string]

/** A response as it is kept. Instants are epoch ms. */
export interface StoredResponse {
  /** The whole key, compared on read: two texts with one hash are a miss. */
  readonly key: string
  /** The request fields that selected it and their values, null for absent ones (RFC 9111 §4.1). */
  readonly vary: readonly (readonly [name: string, value: string | null])[]
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
