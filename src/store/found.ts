import { decodeEntry, type Entry, freshUntil, isStale, type TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { byteLengthExceeds, keyProblem, tooLarge } from '../entry/limits.ts'
import type { StoreContext } from './context.ts'
import type { Origin } from './copies/origin.ts'
import { STALE } from './report.ts'
import type { Text } from './store.ts'

/** What a read found: an entry (fresh, or stale and still kept), undefined for none, or the reason why there is no answer. */
export type Found = Entry | undefined | CacheError

export type TaggedEntry = Entry & { readonly tags: readonly TagVersion[] }

export type CompressedEntry = Entry & { readonly value: string }

// By what only an entry has: asking first whether it is an error takes longer than reading a field.
export function isTagged(found: Found): found is TaggedEntry {
  return (found as Partial<Entry> | undefined)?.tags !== undefined
}

export function isCompressed(found: Found): found is CompressedEntry {
  return (found as Partial<Entry> | undefined)?.zip !== undefined
}

/** The stored form of a public key. @throws TypeError where it is no key */
export function toStoredKey({ options }: StoreContext, key: string): string | CacheError {
  const { keys, keyBytes } = options
  const storedKey = keys.public(key)
  return keyProblem(storedKey, keyBytes, 'key') ?? storedKey
}

export function toFound(context: StoreContext, text: Text, origin?: Origin, at: number = context.now()): Found {
  const { serializer, valueBytes, memory } = context.options
  if (typeof text !== 'string') return text
  const copy = memory?.share === true ? origin?.copy : undefined
  if (copy?.decoded !== undefined) return copy.decoded as Entry
  if (byteLengthExceeds(text, valueBytes)) return tooLarge(valueBytes)
  const entry = decodeEntry(text, serializer)
  if (entry === undefined) return new CacheError('decode', 'What is stored under the key is not an entry')
  // Redis removes what has expired. Other writers may set `expires` and no expiry in Redis.
  if (entry.expires !== undefined && entry.expires <= at) return undefined
  const kept = asKept(entry, origin)
  if (copy !== undefined && entry.zip === undefined) copy.decoded = kept
  return kept
}

/** A copy of what was stale by its tags is stale, whatever its text says. */
export function asKept(found: Found, origin: Origin | undefined): Found {
  const until = origin?.copy?.freshUntil
  if (until === undefined || found === undefined || found instanceof CacheError) return found
  return until < (freshUntil(found) ?? Infinity) ? { ...found, fresh: until } : found
}

/** For the event. */
export function toOutcome({ now }: StoreContext, found: Found): unknown {
  return found === undefined || found instanceof CacheError || !isStale(found, now) ? found : STALE
}

/** @param until as `freshByTags` says */
export function freshUntilThen<Kept extends Entry>(entry: Kept, until: number): Kept | undefined {
  if (until === Infinity) return entry
  return until === -Infinity ? undefined : { ...entry, fresh: Math.min(entry.fresh ?? until, until) }
}
