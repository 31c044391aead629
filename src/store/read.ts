import { expandText, mapInTurn } from '../entry/compression.ts'
import { decodeEntry, type Entry, isStale, type TagVersion } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Operation } from '../options/events.ts'
import { keyProblem } from '../entry/key-problem.ts'
import { byteLengthExceeds } from '../entry/limits.ts'
import { checkCall } from '../options/checks.ts'
import type { Parts } from './parts.ts'
import { STALE } from './report.ts'
import type { Request } from '../session/session.ts'
import * as redis from './redis.ts'
import type { Versions } from './tags.ts'
import type { Reply } from '../transport/transport.ts'
import type { CallOptions } from '../options/types.ts'

/** What one read came to: an entry (fresh, or stale and kept), none, or why there is no answer. */
export type Found = Entry | undefined | CacheError

const NO_BOUNDS: Request = {}

/**
 * Reads one entry and makes an answer of it. The hot path: one asynchronous function, and for a plain call of an entry
 * without tags no promise but the turn's.
 *
 * @param parts of a cache or an invocation
 * @param names tags whose versions are read in the same round trip
 * @param finish `versions` are those of `names` and of the entry's own tags, as they were read
 */
export async function readOne<Outcome>(
  parts: Parts,
  operation: Operation,
  key: string,
  call: CallOptions | undefined,
  names: readonly string[] | undefined,
  finish: (found: Found, startedAt: number, versions: Versions | undefined) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  const { sender, report, now, tags } = parts
  const startedAt = now()
  const storedKey = toStoredKey(parts, key)
  if (call !== undefined) checkCall(call)
  const isPlain = call === undefined || (call.timeout === undefined && call.signal === undefined)
  // Not awaited yet: it joins the turn's pipeline.
  const asked = names === undefined || tags().areSeen(names) ? undefined : tags().read(names, call)
  let found: Found
  const turn = isPlain && typeof storedKey === 'string' ? sender.turn() : undefined
  if (turn !== undefined && typeof storedKey === 'string') {
    const at = turn.commands.push(redis.getCommand(storedKey)) - 1
    found = toFound(parts, (await turn.replies)[at] ?? null)
  } else {
    found = toFound(parts, storedKey instanceof CacheError ? storedKey : await sender.one(redis.getCommand(storedKey), call))
  }
  let versions = asked === undefined ? undefined : await asked
  if (isTagged(found)) {
    // What this invocation has seen is told without a promise.
    const isCurrent = asked === undefined ? tags().areSeenCurrent(found.tags) : undefined
    if (isCurrent === undefined) {
      versions = await versionsOf(parts, [found], versions, rest(parts, call, startedAt))
      found = judged(found, versions)
    } else if (!isCurrent) found = undefined
  }
  if (isCompressed(found)) found = await expand(parts, found)
  report?.read(operation, [toOutcome(parts, found)], startedAt)
  return finish(found, startedAt, versions instanceof CacheError ? undefined : versions)
}

/** Reads several entries in one round trip, and one more where there are tags to be looked at beside `names`. */
export async function readMany(
  parts: Parts,
  operation: Operation,
  given: readonly string[],
  call: CallOptions | undefined,
  names?: readonly string[],
): Promise<{ readonly found: readonly Found[]; readonly versions: Versions | undefined }> {
  const { sender, report, now, tags } = parts
  const startedAt = now()
  if (!Array.isArray(given)) throw new TypeError('keys: expected an array of strings')
  if (call !== undefined) checkCall(call)
  const commands = given.map((key: string) => {
    const storedKey = toStoredKey(parts, key)
    return storedKey instanceof CacheError ? storedKey : redis.getCommand(storedKey)
  })
  const asked = names === undefined ? undefined : tags().read(names, call)
  const read = (await sender.all(commands, call)).map((reply) => toFound(parts, reply))
  const tagged = read.filter(isTagged)
  const known = asked === undefined ? undefined : await asked
  const versions = tagged.length === 0 ? known : await versionsOf(parts, tagged, known, rest(parts, call, startedAt))
  const valid = tagged.length === 0 || versions === undefined ? read : read.map((one) => (isTagged(one) ? judged(one, versions) : one))
  const found = valid.some(isCompressed) ? await mapInTurn(valid, async (one) => (isCompressed(one) ? expand(parts, one) : one)) : valid
  report?.read(
    operation,
    found.map((one) => toOutcome(parts, one)),
    startedAt,
  )
  return { found, versions: versions instanceof CacheError ? undefined : versions }
}

/** Reads one entry by its stored key, and tells nobody. */
export async function peek(parts: Parts, storedKey: string, request?: Request): Promise<Found> {
  const startedAt = parts.now()
  const read = toFound(parts, await parts.sender.one(redis.getCommand(storedKey), request))
  const found = isTagged(read) ? judged(read, await versionsOf(parts, [read], undefined, rest(parts, request, startedAt))) : read
  return isCompressed(found) ? expand(parts, found) : found
}

function toFound({ options, now }: Parts, reply: Reply): Found {
  const { serializer, valueBytes } = options
  const text = redis.readText(reply)
  if (typeof text !== 'string') return text
  if (byteLengthExceeds(text, valueBytes)) return new CacheError('oversize', `The entry is larger than limits.valueBytes (${valueBytes})`)
  const entry = decodeEntry(text, serializer)
  if (entry === undefined) return new CacheError('decode', 'What is stored under the key is not an entry')
  // Redis has dropped it by its own clock, as a rule; entries of other writers may carry `expires` alone.
  return entry.expires !== undefined && entry.expires <= now() ? undefined : entry
}

async function expand({ options }: Parts, entry: CompressedEntry): Promise<Found> {
  const text = await expandText(entry.value, options.valueBytes)
  if (text instanceof CacheError) return text
  const inner = decodeEntry(text, options.serializer)
  if (inner === undefined || isCompressed(inner)) return new CacheError('decode', 'What is stored under the key cannot be expanded')
  return { ...entry, value: inner.value }
}

/** The versions of all tags of the entries; those that are known are not asked for. */
async function versionsOf(
  { tags }: Parts,
  entries: readonly TaggedEntry[],
  known: Versions | CacheError | undefined,
  request: Request,
): Promise<Versions | CacheError> {
  if (known instanceof CacheError) return known
  const names = new Set(entries.flatMap((entry) => entry.tags.map(([tag]) => tag)))
  const unknown = [...names].filter((tag) => known?.has(tag) !== true)
  if (known !== undefined && unknown.length === 0) return known
  const more = await tags().read(unknown, request)
  return known === undefined || more instanceof CacheError ? more : new Map([...known, ...more])
}

/** What is left of an operation's time. */
function rest({ options, now }: Parts, call: Request | undefined, startedAt: number): Request {
  const elapsed = now() - startedAt
  if (elapsed <= 0) return call ?? NO_BOUNDS
  const left = (call?.timeout ?? options.timeout) - elapsed
  return { ...(call?.signal === undefined ? {} : { signal: call.signal }), timeout: Math.max(1, left) }
}

/** What a listener is told. */
function toOutcome({ now }: Parts, found: Found): unknown {
  return found === undefined || found instanceof CacheError || !isStale(found, now) ? found : STALE
}

/** The stored form of a public key. @throws TypeError where it is no key */
export function toStoredKey({ options }: Parts, key: string): string | CacheError {
  const { keys, keyBytes } = options
  const storedKey = keys.public(key)
  return keyProblem(storedKey, keyBytes, 'key') ?? storedKey
}

type TaggedEntry = Entry & { readonly tags: readonly TagVersion[] }

function isTagged(found: Found): found is TaggedEntry {
  return found !== undefined && !(found instanceof CacheError) && found.tags !== undefined
}

type CompressedEntry = Entry & { readonly value: string }

function isCompressed(found: Found): found is CompressedEntry {
  return found !== undefined && !(found instanceof CacheError) && found.zip !== undefined
}

/** An entry with a tag that was invalidated, or whose version is gone, is not there. Without an answer nobody knows. */
function judged(entry: TaggedEntry, versions: Versions | CacheError): Found {
  if (versions instanceof CacheError) return versions
  return entry.tags.every(([tag, version]) => versions.get(tag) === version) ? entry : undefined
}
