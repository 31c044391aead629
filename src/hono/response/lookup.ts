import type { StoreContext } from '../../store/context.ts'
import { CacheError } from '../../errors.ts'
import type { Marker, StoredResponse } from '../../http/stored.ts'
import { matchesVary, selectingValues, variantText } from '../../http/vary.ts'
import { byteLengthExceeds } from '../../entry/limits.ts'
import type { Text } from '../../store/store.ts'
import type { Decoded, ResponseMemo } from './memo.ts'
import { storedKey } from './stored-key.ts'

/** What a lookup is by. */
export interface Query {
  readonly text: string
  readonly headers: Headers
  readonly declared: readonly string[]
  readonly memo: ResponseMemo
}

/** What a lookup came to. */
export interface Lookup {
  /** The hash of the key. */
  readonly id: string
  readonly found?: StoredResponse | undefined
  /** The second level, where there is one. */
  readonly marker?: Marker
  /** Epoch ms. */
  readonly markerUntil?: number
  /** Redis gave no answer: nothing is written either. */
  readonly failure?: CacheError
}

/** Reads what may answer a request: one command, and one more where the response varies by what was not declared, or has tags. */
export async function lookUp(inside: StoreContext, query: Query): Promise<Lookup> {
  const { report } = inside
  const startedAt = report === undefined ? 0 : inside.now()
  const { text, memo } = query
  const hashed = memo.hash(text)
  const id = typeof hashed === 'string' ? hashed : await hashed
  const first: FirstRead =
    query.declared.length === 0 ? { base: await readOne(inside, query, memo.place(inside, id)) } : await readBoth(inside, query, id)
  const { base } = first
  let lookup: Lookup
  if (base instanceof CacheError) lookup = { id, failure: base }
  else if (base === undefined) lookup = { id }
  else if ('variants' in base.value) lookup = await lookUpVariant(inside, query, id, base.value, base.until, first)
  else lookup = fits(base.value, undefined, query) ? { id, found: base.value } : { id }
  if (lookup.found !== undefined && lookup.found.tags.length > 0) lookup = await withCurrentTags(inside, lookup, lookup.found)
  report?.read('get', [lookup.failure ?? lookup.found], startedAt)
  return lookup
}

/** The first level, and what was read ahead with it: most likely the variant that is asked for. */
interface FirstRead {
  readonly base: Decoded | undefined | CacheError
  readonly part?: string
  readonly variant?: Decoded | undefined | CacheError
}

/** Both levels with one command: what is declared selects in most cases alone. */
async function readBoth(inside: StoreContext, query: Query, id: string): Promise<FirstRead> {
  const { text, headers, declared, memo } = query
  const part = await memo.hash(variantText(text, selectingValues(headers, declared)))
  const keys = [memo.place(inside, id), storedKey(inside, id, part)] as const
  const [base, variant] = await inside.store.readMany(keys, 'entry', undefined, { isOneSlot: true })
  return { base: decode(inside, query, keys[0], base), part, variant: decode(inside, query, keys[1], variant) }
}

async function lookUpVariant(
  inside: StoreContext,
  query: Query,
  id: string,
  marker: Marker,
  until: number | undefined,
  ahead: FirstRead,
): Promise<Lookup> {
  const part = await query.memo.hash(variantText(query.text, selectingValues(query.headers, marker.vary)))
  const variant = part === ahead.part ? ahead.variant : await readOne(inside, query, storedKey(inside, id, part))
  if (variant instanceof CacheError) return { id, failure: variant }
  const missed = { id, marker, markerUntil: until ?? 0 }
  const stored = variant?.value
  return stored !== undefined && 'status' in stored && fits(stored, marker.id, query) ? { ...missed, found: stored } : missed
}

/** An entry with a tag that was invalidated is not there. */
async function withCurrentTags(inside: StoreContext, lookup: Lookup, { tags }: StoredResponse): Promise<Lookup> {
  const answer = await inside.tags().areCurrent(tags)
  if (answer instanceof CacheError) return { id: lookup.id, failure: answer }
  return answer ? lookup : { ...lookup, found: undefined }
}

/** Not an asynchronous function: it would cost a hit one promise more. */
function readOne(inside: StoreContext, query: Query, key: string): Promise<Decoded | undefined | CacheError> {
  return inside.store.read(key, 'entry', undefined, (text) => decode(inside, query, key, text))
}

/** What cannot be read, or belongs to another key of the same hash, is not there. */
function decode({ options }: StoreContext, { text, memo }: Query, key: string, stored: Text): Decoded | undefined | CacheError {
  if (typeof stored !== 'string') return stored
  const decoded = byteLengthExceeds(stored, options.valueBytes) ? undefined : memo.decode(key, stored)
  return decoded?.value.key === text ? decoded : undefined
}

/** Whether a stored response is what its place says: one of this marker, selected by the values of this request. */
function fits(stored: StoredResponse, of: string | undefined, { headers, declared }: Query): boolean {
  const isComplete = declared.every((name) => stored.vary.some(([one]) => one === name))
  return stored.of === of && isComplete && matchesVary(stored, headers)
}
