import { byteLengthExceeds } from '../../entry/limits.ts'
import { CacheError } from '../../errors.ts'
import { remainingLifetime, type StoredResponse } from '../../http/stored.ts'
import type { Variants } from '../../http/variants.ts'
import { alternativesOf, matchesVary, selectingValues, variantText } from '../../http/vary.ts'
import type { StoreContext } from '../../store/context.ts'
import { isSilence } from '../../store/copies/copying-store.ts'
import type { Origin } from '../../store/copies/origin.ts'
import { observed } from '../../store/observed.ts'
import type { Text } from '../../store/store.ts'
import type { ResponseMemo } from './memo.ts'
import { storedKey } from './stored-key.ts'

/** What a lookup is by. */
export interface Query {
  readonly text: string
  readonly headers: Headers
  readonly declared: readonly string[]
  /** Whether values that mean the same select the same. */
  readonly isNormalized: boolean
  readonly memo: ResponseMemo
}

/** What a lookup came to. */
export interface Lookup {
  /** The hash of the key. */
  readonly id: string
  readonly found?: StoredResponse | undefined
  /** Where the responses vary. */
  readonly variants?: Variants | undefined
  /** Something lies in the place of the list of variants that is none. */
  readonly isBroken?: boolean
  /** Redis gave no answer: nothing is written either. */
  readonly failure?: CacheError
  /** Characters of the text that was read; 0 for none. */
  readonly length: number
  /** Where the response comes from, where copies are kept. */
  readonly origin?: Origin | undefined
  /** A ticket of the copies from before it was looked up, where they are kept. */
  readonly since?: number | undefined
}

/** Name lists that are tried, the latest: handlers change their Vary, but not at every request. */
const MAX_LISTS = 4

/** Reads what may answer a request: one command, and one more where the response varies by what was not declared, or has tags. */
export function lookUp(context: StoreContext, query: Query): Promise<Lookup> {
  return context.observation.observer === undefined ? lookUpIn(context, query) : observed(context, 'get', [], (seen) => lookUpIn(seen, query))
}

async function lookUpIn(context: StoreContext, query: Query): Promise<Lookup> {
  const { report } = context
  const startedAt = report === undefined ? 0 : context.now()
  const hashed = query.memo.hash(query.text)
  const id = typeof hashed === 'string' ? hashed : await hashed
  const since = context.copies?.ticket()
  let lookup = await readBase(context, query, id)
  const isCopy = lookup.origin?.copy !== undefined
  if (!isCopy && lookup.found !== undefined && lookup.found.tags.length > 0) lookup = await withCurrentTags(context, lookup, lookup.found)
  if (!isCopy) keepFound(context, lookup)
  report?.read('get', [lookup.failure ?? lookup.found], startedAt, [lookup.origin], [lookup])
  return since === undefined ? lookup : { ...lookup, since }
}

/** Keeps a copy of what Redis has answered and is valid. */
function keepFound({ now, tags }: StoreContext, { found, origin }: Lookup): void {
  if (origin === undefined || origin.copy !== undefined) return
  if (found === undefined) return origin.keep(undefined)
  const at = now()
  const on = found.tags.length === 0 ? undefined : found.tags.map(([tag]) => tags().keyOf(tag))
  origin.keep({ freshUntil: at + remainingLifetime(found, at), until: undefined, on }, on && tags().seenSince())
}

/**
 * A response that varies by nothing, or the list of variants, lies in a place of its own each. Where this process has seen the one, it
 * reads that alone; where it has seen nothing, both with one command. What is declared selects in most cases alone: that variant is
 * read with the list.
 */
async function readBase(context: StoreContext, query: Query, id: string): Promise<Lookup> {
  const { memo, text, headers, declared, isNormalized } = query
  const places = memo.places(context, id)
  const { base, variants, varies } = places
  const part = declared.length === 0 ? undefined : await memo.hash(variantText(text, selectingValues(headers, declared, isNormalized)))
  const ahead = part === undefined ? base : storedKey(context, id, part)
  let [list, first]: readonly Text[] = []
  const origins: (Origin | undefined)[] = []
  const onOrigin = (index: number, origin?: Origin): void => void (origins[index] = origin)
  if (part === undefined && varies === false)
    first = await context.store.read(base, 'entry', undefined, (text, origin) => (onOrigin(1, origin), text))
  else if (part === undefined && varies === true)
    list = await context.store.read(variants, 'entry', undefined, (text, origin) => (onOrigin(0, origin), text))
  else [list, first] = await context.store.readMany([variants, ahead], 'entry', undefined, { isOneSlot: true, onOrigin })

  // Only one of them is there, as a rule: in an outage a copy of it will do.
  const failure = [list, first].find((one) => one instanceof CacheError)
  if (failure instanceof CacheError && typeof list !== 'string' && typeof first !== 'string') return { id, length: 0, failure }
  const known = typeof list === 'string' ? memo.variants(variants, list, text) : undefined
  const isList = known !== undefined && known.parts.size > 0
  places.varies = isList ? true : first === undefined ? undefined : false
  if (isList) {
    origins[0]?.keep({ freshUntil: undefined, until: undefined })
    return readVariant(context, query, id, known, { key: ahead, text: first, origin: origins[1] })
  }
  if (first instanceof CacheError) return { id, length: 0, failure: first }
  const found = part === undefined ? decode(context, query, ahead, first) : undefined
  return { id, length: first?.length ?? 0, isBroken: typeof list === 'string' && known === undefined, found, origin: origins[1] }
}

async function readVariant(
  context: StoreContext,
  query: Query,
  id: string,
  variants: Variants,
  ahead: { readonly key: string; readonly text: Text; readonly origin: Origin | undefined },
): Promise<Lookup> {
  const part = await newestMatch(variants, query)
  if (part === undefined) return { id, length: 0, variants }
  const key = storedKey(context, id, part)
  let { text, origin } = ahead
  if (key !== ahead.key) {
    text = await context.store.read(key, 'entry', undefined, (one, from) => {
      origin = from
      return one
    })
  }
  if (text instanceof CacheError) return { id, length: 0, failure: text }
  return { id, length: text?.length ?? 0, variants, found: decode(context, query, key, text), origin }
}

/** The latest of the variants that are selected by the values of this request (RFC 9111 §4.1). */
async function newestMatch({ parts, selectors }: Variants, { text, headers, isNormalized, memo }: Query): Promise<string | undefined> {
  const own = selectors.slice(-MAX_LISTS).map((names) => selectingValues(headers, names, isNormalized))
  const alternatives = isNormalized ? own.flatMap(alternativesOf) : own
  const order = alternatives.length === 1 ? [] : [...parts.keys()]
  let newest: string | undefined
  for (const values of alternatives) {
    const part = await memo.hash(variantText(text, values))
    if (parts.has(part) && (newest === undefined || order.indexOf(part) > order.indexOf(newest))) newest = part
  }
  return newest
}

/** An entry with a tag that was invalidated is not there. */
async function withCurrentTags(context: StoreContext, lookup: Lookup, { tags }: StoredResponse): Promise<Lookup> {
  const answer = await context.tags().areCurrent(tags)
  if (answer instanceof CacheError) {
    const origin = isSilence(answer) ? lookup.origin?.standIn(answer) : undefined
    return origin === undefined ? { id: lookup.id, length: 0, failure: answer, origin: lookup.origin } : { ...lookup, origin }
  }
  return answer ? lookup : { ...lookup, found: undefined }
}

/** What cannot be read, belongs to another key of the same hash, or was selected by other values, is not there. */
function decode(
  { options }: StoreContext,
  { text, memo, headers, declared, isNormalized }: Query,
  key: string,
  read: Text,
): StoredResponse | undefined {
  if (typeof read !== 'string') return undefined
  const stored = byteLengthExceeds(read, options.valueBytes) ? undefined : memo.decode(key, read)
  if (stored?.key !== text || !matchesVary(stored, headers, isNormalized)) return undefined
  return declared.every((name) => stored.vary.some(([one]) => one === name)) ? stored : undefined
}
