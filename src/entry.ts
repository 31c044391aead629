import type { Serializer } from './types.ts'

/** A stored value with Keyv's `expires` and what the facade keeps beside it. All instants are epoch ms. */
export interface Entry {
  readonly value: unknown
  /** The end of all windows in which the value may be served; absent without expiry. */
  readonly expires?: number
  /** When it was written; absent where another library wrote it. */
  readonly at?: number
}

/**
 * The envelope of Keyv 6 as text: a plain Keyv reads it, and the other way round.
 *
 * @returns undefined where the value cannot be read back: undefined, a function, a symbol, a cycle
 */
export function encodeEntry(entry: Entry, serializer: Serializer): string | undefined {
  const { value } = entry
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined
  try {
    const text: unknown = serializer.stringify(entry)
    return typeof text === 'string' ? text : undefined
  } catch {
    // A cycle, a toJSON that throws, or the caller's serializer: what cannot be written is not stored.
    return undefined
  }
}

/**
 * Stored text back to an entry. What comes back from Redis is untrusted.
 *
 * @returns undefined where the text is no envelope
 */
export function decodeEntry(text: string, serializer: Serializer): Entry | undefined {
  let parsed: unknown
  try {
    parsed = serializer.parse(text)
  } catch {
    return undefined
  }
  return toEntry(parsed)
}

function toEntry(parsed: unknown): Entry | undefined {
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { value, expires, at } = parsed as { value?: unknown; expires?: unknown; at?: unknown }
  if (value === undefined || !isInstant(at)) return undefined
  // Older Keyvs write `"expires":null` for no expiry.
  if (expires === null) return at === undefined ? { value } : { value, at }
  return isInstant(expires) ? (parsed as Entry) : undefined
}

function isInstant(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && Number.isFinite(value))
}
