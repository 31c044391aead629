import { compressText } from '../entry/compression.ts'
import { encodeEntry, type Entry, freshUntil, type TagVersion } from '../entry/entry.ts'
import { byteLengthExceeds, tooLarge } from '../entry/limits.ts'
import { CacheError } from '../errors.ts'
import type { Serializer } from '../options/types.ts'
import type { StoreContext } from './context.ts'
import { isSilence } from './copies/copying-store.ts'
import type { CopiedWrite, Unwritten, Write } from './store.ts'
import { VERSION_MS } from './version-text.ts'

/** An entry before it is encoded. */
export interface Draft {
  readonly value: unknown
  /** ms; undefined: for ever. */
  readonly freshFor: number | undefined
  /** ms; undefined: for ever; 0: it is over already. */
  readonly keepFor: number | undefined
  readonly tags?: readonly TagVersion[]
  /** See `Entry`. */
  readonly took?: number
  /** The value is undefined, and stored as null. */
  readonly isNone?: boolean
  /** Only where nothing is stored under the key. */
  readonly isNew?: boolean
}

/** A write, or why there is none: what was copied of the key is gone all the same. */
export type Prepared = Write | Unwritten | CacheError

/**
 * An entry as it is written, or why it cannot be. No promise but where it is compressed.
 *
 * @param copying what copies have to know of it
 * @param at now, epoch ms
 */
export function prepareWrite(
  { options, now, copies }: StoreContext,
  storedKey: string,
  draft: Draft,
  copying?: Omit<CopiedWrite, 'freshUntil'>,
  at: number = now(),
): Prepared | Promise<Prepared> {
  const { serializer, valueBytes, compressFrom } = options
  // Tag versions live 30 days, so an entry with tags expires with them.
  const keepFor = draft.tags === undefined ? draft.keepFor : Math.min(draft.keepFor ?? VERSION_MS, VERSION_MS)
  const entry = toEntry(draft, keepFor, at)
  const text = encodeEntry(entry, serializer)
  if (text === undefined || byteLengthExceeds(text, valueBytes)) {
    const failure = text === undefined ? unwritable() : tooLarge(valueBytes)
    return copies === undefined ? failure : { key: storedKey, failure }
  }
  const write: Write = draft.isNew === true ? { key: storedKey, text, ttl: keepFor, ifAbsent: true } : { key: storedKey, text, ttl: keepFor }
  const copied = copying === undefined ? write : { ...write, copied: { ...copying, freshUntil: freshUntil(entry) } }
  if (compressFrom === undefined || text.length < compressFrom) return copied
  return compressed(entry, text, serializer).then((shorter) => ({ ...copied, text: shorter }))
}

function unwritable(): CacheError {
  return new CacheError('decode', 'The value cannot be written as JSON and read back, so it is not stored')
}

/** The entry's text, with its value compressed where that makes it shorter. */
async function compressed(entry: Entry, text: string, serializer: Serializer): Promise<string> {
  const inner = encodeEntry({ value: entry.value }, serializer)
  if (inner === undefined) return text
  const outer = encodeEntry({ ...entry, value: await compressText(inner), zip: true }, serializer)
  return outer !== undefined && outer.length < text.length ? outer : text
}

/** Keyv's fields in Keyv's order, then our own where they are needed. */
function toEntry({ value, freshFor, tags, took, isNone }: Draft, keepFor: number | undefined, at: number): Entry {
  const entry = keepFor === undefined ? { value, at } : { value, expires: at + keepFor, at }
  const isPlain = freshFor === keepFor && tags === undefined && took === undefined && isNone === undefined
  if (isPlain) return entry
  return {
    ...entry,
    ...(freshFor === undefined || freshFor === keepFor ? {} : { fresh: at + freshFor }),
    ...(tags === undefined ? {} : { tags }),
    ...(took === undefined ? {} : { took }),
    ...(isNone === true ? { value: null, none: true } : {}),
  }
}

/** A write that fails before it is sent: where copies are kept, what it would have written may answer while Redis does not. */
export function notWritten(storedKey: string, failure: CacheError, prepared: Prepared | Promise<Prepared>): Prepared | Promise<Prepared> {
  if (prepared instanceof Promise) return prepared.then((ready) => notWritten(storedKey, failure, ready))
  if (prepared instanceof CacheError) return failure
  return 'failure' in prepared ? prepared : { key: storedKey, failure, instead: isSilence(failure) ? prepared : undefined }
}
