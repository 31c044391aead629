import { compressText } from '../entry/compression.ts'
import { encodeEntry, type Entry, type TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { byteLengthExceeds } from '../entry/limits.ts'
import { checkCall, checkTags, checkTtl, refuseUnknown } from '../options/checks.ts'
import type { Parts } from './parts.ts'
import { toStoredKey } from './read.ts'
import * as redis from './redis.ts'
import { takeForEach } from './tag-versions.ts'
import { VERSION_MS } from './tags.ts'
import type { Command } from '../transport/transport.ts'
import type { CallOptions, Serializer, SetEntry } from '../options/types.ts'

/** What an entry says of itself, and what a single one says of its call. A time to live by another name would be none at all. */
const KNOWN: readonly string[] = ['key', 'value', 'ttl', 'tags', 'timeout', 'signal']

/** An entry to be. */
export interface Draft {
  readonly value: unknown
  /** ms; undefined: for ever. */
  readonly freshFor: number | undefined
  /** ms; undefined: for ever. */
  readonly keepFor: number | undefined
  readonly tags?: readonly TagVersion[]
  /** See `Entry`. */
  readonly took?: number
  /** The value is undefined, and stored as null. */
  readonly isNone?: boolean
}

/**
 * Writes entries: in one round trip, and one more before it where there are tags.
 *
 * @param parts of a cache or an invocation
 * @returns why not, or undefined, by position
 */
export async function writeMany(
  parts: Parts,
  entries: readonly SetEntry[],
  call: CallOptions | undefined,
): Promise<readonly (CacheError | undefined)[]> {
  const { options, sender, report, now, tags, loads } = parts
  if (call !== undefined) checkCall(call)
  const startedAt = now()
  const drafts = entries.map((entry) => {
    refuseUnknown('', entry, KNOWN)
    const { key, value, ttl = options.ttl, tags: names } = entry
    if (names !== undefined) checkTags(names)
    const lifetime = ttl === undefined ? undefined : checkTtl(ttl)
    return { storedKey: toStoredKey(parts, key), names: names ?? [], draft: { value, freshFor: lifetime, keepFor: lifetime } }
  })
  for (const { storedKey } of drafts) if (typeof storedKey === 'string') loads().forget(storedKey)
  const lists = drafts.map(({ names }) => names)
  const versionsOf = lists.some(({ length }) => length > 0) ? await takeForEach(tags(), lists, call) : undefined
  const commands = drafts.map(({ storedKey, names, draft }) => {
    if (storedKey instanceof CacheError) return storedKey
    if (versionsOf === undefined || names.length === 0) return writeCommand(parts, storedKey, draft)
    const own = versionsOf(names)
    return own instanceof CacheError ? own : writeCommand(parts, storedKey, { ...draft, tags: own })
  })
  const request = versionsOf === undefined ? call : { ...call, timeout: Math.max(1, (call?.timeout ?? options.timeout) - (now() - startedAt)) }
  const ready = commands.every(isReady) ? commands : await Promise.all(commands.map(async (command) => command))
  const outcomes = (await sender.all(ready, request)).map(redis.readOk)
  report?.write('set', outcomes, startedAt)
  return outcomes
}

/** The command that writes an entry, or why it cannot be written. No promise but where it is compressed. */
export function writeCommand({ options, now }: Parts, storedKey: string, draft: Draft): Command | CacheError | Promise<Command | CacheError> {
  const { serializer, valueBytes, compressFrom } = options
  // What cannot be valid for longer need not be kept for longer.
  const keepFor = draft.tags === undefined ? draft.keepFor : Math.min(draft.keepFor ?? VERSION_MS, VERSION_MS)
  const entry = toEntry(draft, keepFor, now())
  const text = encodeEntry(entry, serializer)
  if (text === undefined) return new CacheError('decode', 'The value cannot be written as JSON and read back, so it is not stored')
  if (byteLengthExceeds(text, valueBytes)) return new CacheError('oversize', `The entry is larger than limits.valueBytes (${valueBytes})`)
  if (compressFrom === undefined || text.length < compressFrom) return redis.setCommand(storedKey, text, keepFor)
  return compressed(entry, text, serializer).then((shorter) => redis.setCommand(storedKey, shorter, keepFor))
}

/** The entry's text, with its value compressed where that makes it shorter. */
async function compressed(entry: Entry, text: string, serializer: Serializer): Promise<string> {
  const inner = encodeEntry({ value: entry.value }, serializer)
  if (inner === undefined) return text
  const outer = encodeEntry({ ...entry, value: await compressText(inner), zip: true }, serializer)
  return outer !== undefined && outer.length < text.length ? outer : text
}

/** Fields in Keyv's order; those of our own only where they say something. */
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

function isReady(command: Command | CacheError | Promise<Command | CacheError>): command is Command | CacheError {
  return !(command instanceof Promise)
}
