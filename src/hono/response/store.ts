import { toEnvelope } from '../../http/codec.ts'
import type { Marker, StoredResponse } from '../../http/stored.ts'
import { matchesVary, selectingValues, variantText, widenSelectors } from '../../http/vary.ts'
import { encodeEntry } from '../../entry.ts'
import { CacheError, type Reason } from '../../errors.ts'
import { internalsOf } from '../../internals.ts'
import { byteLengthExceeds } from '../../limits.ts'
import { jsonSerializer } from '../../serializer.ts'
import * as redis from '../../store/redis.ts'
import type { Command, Reply } from '../../transport/transport.ts'
import type { CacheOperations } from '../../types.ts'
import type { Decoded, ResponseMemo } from './memo.ts'

/** What a lookup came to. */
export interface Lookup {
  /** The hash of the key. */
  readonly id: string
  readonly found?: StoredResponse
  /** The second level, where there is one. */
  readonly marker?: Marker
  /** Epoch ms. */
  readonly markerUntil?: number
  /** Redis gave no answer: nothing is written either. */
  readonly reason?: Reason
}

/** What a lookup is by. */
export interface Query {
  readonly text: string
  readonly headers: Headers
  readonly declared: readonly string[]
  readonly memo: ResponseMemo
}

/** Reads what may answer a request: one command, and one more where the response varies by what was not declared. */
export async function find(cache: CacheOperations, { text, headers, declared, memo }: Query): Promise<Lookup> {
  const { sender, options, report, now, tags } = internalsOf(cache)
  const startedAt = now()
  const hashed = memo.hash(text)
  const id = typeof hashed === 'string' ? hashed : await hashed
  const keyOf = (...parts: readonly string[]): string => options.keys.reserved('http', [`{${id}}`, ...parts].join(':'))
  const guess = declared.length > 0 ? await memo.hash(variantText(text, selectingValues(headers, declared))) : undefined
  const baseKey = keyOf()
  let replies: readonly Reply[]
  if (guess === undefined) {
    const turn = sender.turn()
    const at = turn === undefined ? -1 : turn.commands.push(redis.getCommand(baseKey)) - 1
    replies = [turn === undefined ? await sender.one(redis.getCommand(baseKey)) : ((await turn.replies)[at] ?? null)]
  } else replies = redis.readMany(await sender.one(redis.getManyCommand([baseKey, keyOf(guess)])), 2)
  /** What cannot be read is not there. */
  const decode = (key: string, reply: Reply): Decoded | undefined | CacheError => {
    const stored = redis.readText(reply)
    if (typeof stored !== 'string') return stored
    return byteLengthExceeds(stored, options.valueBytes) ? undefined : memo.decode(key, stored)
  }
  const first = decode(baseKey, replies[0] ?? null)
  const result = (lookup: Partial<Lookup>, outcome: unknown): Lookup => {
    report?.read('get', [outcome], startedAt)
    return { id, ...lookup }
  }
  if (first instanceof CacheError) return result({ reason: first.code }, first)
  const base = first?.value
  if (base === undefined || base.key !== text) return result({}, undefined)
  if (!('variants' in base)) return fits(base, undefined) ? current(base, {}) : result({}, undefined)

  const variant = await memo.hash(variantText(text, selectingValues(headers, base.vary)))
  const variantKey = keyOf(variant)
  const third = decode(variantKey, variant === guess ? (replies[1] ?? null) : await sender.one(redis.getCommand(variantKey)))
  if (third instanceof CacheError) return result({ reason: third.code }, third)
  const marker = { marker: base, markerUntil: first?.until ?? 0 }
  const stored = third?.value
  return stored !== undefined && 'status' in stored && fits(stored, base.id) ? current(stored, marker) : result(marker, undefined)

  /** An entry with a tag that was invalidated is not there. */
  async function current(found: StoredResponse, more: Partial<Lookup>): Promise<Lookup> {
    if (found.tags.length === 0) return result({ ...more, found }, found)
    const answer = await tags.areCurrent(found.tags)
    if (answer instanceof CacheError) return result({ reason: answer.code }, answer)
    return answer ? result({ ...more, found }, found) : result(more, undefined)
  }

  function fits(stored: StoredResponse, of: string | undefined): boolean {
    const isComplete = declared.every((name) => stored.vary.some(([one]) => one === name))
    return stored.key === text && stored.of === of && isComplete && matchesVary(stored, headers)
  }
}

/** What is to be written, worked out before the body is there, so that the write itself begins at once. */
export type Save = (stored: StoredResponse, keepFor: number) => Promise<boolean>

/**
 * Prepares to store a response.
 *
 * @param selectors what selects it, sorted
 * @returns a function that writes, and says whether Redis confirmed
 */
export async function prepareSave(
  cache: CacheOperations,
  { text, headers, memo }: Query,
  { id, marker, markerUntil = 0 }: Lookup,
  selectors: readonly string[],
  maxVariants: number,
): Promise<{ readonly save: Save; readonly vary: StoredResponse['vary']; readonly of: string | undefined }> {
  const { sender, options, report, now } = internalsOf(cache)
  const names = selectors.length === 0 ? [] : widenSelectors(marker, selectors)
  const vary = selectingValues(headers, names)
  const isSame = marker !== undefined && names.length === marker.vary.length
  const of = names.length === 0 ? undefined : isSame ? marker.id : crypto.randomUUID()
  const variant = of === undefined ? undefined : await memo.hash(variantText(text, vary))
  const keyOf = (...parts: readonly string[]): string => options.keys.reserved('http', [`{${id}}`, ...parts].join(':'))

  return { save, vary, of }

  async function save(stored: StoredResponse, keepFor: number): Promise<boolean> {
    const startedAt = now()
    const commands: (Command | undefined)[] = []
    if (variant === undefined || of === undefined) commands.push(write(keyOf(), stored, keepFor), ...drop(marker?.variants ?? []))
    else {
      const others = isSame ? marker.variants.filter((one) => one !== variant) : []
      const variants = [...others, variant].slice(-maxVariants)
      const until = Math.max(keepFor, isSame ? markerUntil - startedAt : 0)
      commands.push(write(keyOf(variant), stored, keepFor), write(keyOf(), { key: text, id: of, vary: names, variants }, until))
      commands.push(...drop((marker?.variants ?? []).filter((one) => !variants.includes(one))))
    }
    if (commands.includes(undefined)) return false
    const outcomes = (await sender.all(commands.filter((one) => one !== undefined))).slice(0, variant === undefined ? 1 : 2).map(redis.readOk)
    report?.write('set', outcomes, startedAt)
    return outcomes.every((outcome) => outcome === undefined)
  }

  /** @returns undefined where it is too large: then nothing at all is written */
  function write(key: string, value: StoredResponse | Marker, keepFor: number): Command | undefined {
    const at = now()
    const encoded = encodeEntry({ value: toEnvelope(value), expires: at + keepFor, at }, jsonSerializer)
    return encoded === undefined || byteLengthExceeds(encoded, options.valueBytes) ? undefined : redis.setCommand(key, encoded, keepFor)
  }

  function drop(variants: readonly string[]): readonly Command[] {
    return variants.length === 0 ? [] : [redis.unlinkCommand(variants.map((one) => keyOf(one)))]
  }
}

/** Forgets all that is stored for keys. @returns true where Redis confirmed */
export async function forget(cache: CacheOperations, texts: readonly string[], hash: ResponseMemo['hash']): Promise<boolean> {
  const { sender, options, report, now } = internalsOf(cache)
  const startedAt = now()
  const ids = await Promise.all(texts.map(async (text) => hash(text)))
  const outcomes = (await sender.all(ids.map((id) => redis.deleteCommand(options.keys.reserved('http', `{${id}}`))))).map(redis.readCount)
  report?.write('delete', outcomes, startedAt)
  return outcomes.every((outcome) => typeof outcome === 'number')
}

const LEASE_MS = 10_000

/** Whether the caller is the one to refresh a response; others were not asked within the last ten seconds. */
export async function takeLease(cache: CacheOperations, id: string): Promise<boolean> {
  const { sender, options } = internalsOf(cache)
  return (await sender.one(redis.setNewCommand(options.keys.reserved('lease', id), '1', LEASE_MS))) === 'OK'
}
