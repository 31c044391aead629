import { ignoreRejection } from '../policy/ignore-rejection.ts'
import type { Serializer } from '../options/types.ts'
import { jsonSerializer } from './serializer.ts'

/** A tag and the version of it that an entry was stored under. Versions are opaque: no clock decides. */
export type TagVersion = readonly [tag: string, version: string]

/** A stored value with Keyv's `expires` and what the facade keeps beside it. All instants are epoch ms. */
export interface Entry {
  readonly value: unknown
  /** The end of all windows in which the value may be served; absent without expiry. */
  readonly expires?: number
  /** When it was written; absent where another library wrote it. */
  readonly at?: number
  /** Until when it is fresh; absent where that is as long as it is there. */
  readonly fresh?: number
  /** It is valid as long as each of them has this version. */
  readonly tags?: readonly TagVersion[]
  /** ms that it took to load, where readers refresh it early. */
  readonly took?: number
  /** The value is undefined: a loader said so, and it was worth remembering. */
  readonly none?: true
  /** The value is compressed text of an envelope that holds the real one. */
  readonly zip?: true
}

/** Until when an entry is fresh, epoch ms; undefined: for ever. */
export function freshUntil(entry: Entry): number | undefined {
  return entry.fresh ?? entry.expires
}

/** Whether an entry is past its time to live and yet kept, for those who may serve it stale. @param now asked where it matters */
export function isStale(entry: Entry, now: () => number): boolean {
  return entry.fresh !== undefined && entry.fresh <= now()
}

/**
 * The envelope of Keyv 6 as text: a plain Keyv reads it, and the other way round.
 *
 * @returns undefined where the value cannot be read back: undefined, a function, a symbol, a cycle, what the serializer refuses
 */
export function encodeEntry(entry: Entry, serializer: Serializer): string | undefined {
  const { value } = entry
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return undefined
  try {
    if (serializer === jsonSerializer) {
      const text = jsonSerializer.stringify(entry)
      // A toJSON may leave nothing of the value.
      return text.startsWith(HEAD) ? text : undefined
    }
    const text: unknown = serializer.stringify(entry)
    if (typeof text === 'string') return text
    ignoreRejection(text)
    return undefined
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
  const plain = serializer === jsonSerializer ? decodePlain(text) : undefined
  if (plain !== undefined) return plain
  let parsed: unknown
  try {
    parsed = serializer.parse(text)
  } catch {
    return undefined
  }
  const entry = toEntry(parsed)
  if (entry === undefined) ignoreRejection(parsed)
  return entry
}

const HEAD = '{"value":'
const EXPIRES = ',"expires":'
const AT = ',"at":'

/**
 * The envelope that nearly all entries have, `{"value":…,"expires":…,"at":…}`, without parsing it: only what it holds is. What is
 * between its first field and its last two is JSON of one value, or it is another envelope.
 */
function decodePlain(text: string): Entry | undefined {
  const atFrom = text.lastIndexOf(AT)
  const expiresFrom = text.lastIndexOf(EXPIRES, atFrom)
  if (expiresFrom < HEAD.length || !text.startsWith(HEAD)) return undefined
  const expires = digits(text, expiresFrom + EXPIRES.length, atFrom)
  const at = digits(text, atFrom + AT.length, text.length - 1)
  if (expires === undefined || at === undefined || !text.endsWith('}')) return undefined
  try {
    return { value: jsonSerializer.parse(text.slice(HEAD.length, expiresFrom)), expires, at }
  } catch {
    return undefined
  }
}

/** An instant as JSON writes it: digits, and no more of them than are exact. */
function digits(text: string, from: number, to: number): number | undefined {
  // JSON has no zeros before a number.
  if (to - from > MAX_DIGITS || to <= from || text.charCodeAt(from) === ZERO) return undefined
  let number = 0
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return number
}
const MAX_DIGITS = 15
const ZERO = 48

function toEntry(parsed: unknown): Entry | undefined {
  if (typeof parsed !== 'object' || parsed === null) return undefined
  const { value, expires, at, fresh, tags, took, none, zip } = parsed as { readonly [Name in keyof Entry]?: unknown }
  if (value === undefined || !isInstant(at) || !isInstant(fresh) || !isInstant(took)) return undefined
  if (tags !== undefined && !isTagVersions(tags)) return undefined
  if (zip !== undefined && typeof value !== 'string') return undefined
  // Older Keyvs write `"expires":null` for no expiry.
  if (expires === null) return at === undefined ? { value } : { value, at }
  if (!isInstant(expires)) return undefined
  return none === undefined ? (parsed as Entry) : { ...(parsed as Entry), value: undefined }
}

function isInstant(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && Number.isFinite(value))
}

function isTagVersions(value: unknown): value is readonly TagVersion[] {
  return Array.isArray(value) && value.every((one) => Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'string')
}
