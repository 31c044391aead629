import { encodeEntry } from '../../entry/entry.ts'
import { toEnvelope } from '../../http/codec.ts'
import type { Marker, StoredResponse } from '../../http/stored.ts'
import { selectingValues, variantText, widenSelectors } from '../../http/vary.ts'
import { internalsOf } from '../../facade/internals.ts'
import { byteLengthExceeds } from '../../entry/limits.ts'
import { jsonSerializer } from '../../entry/serializer.ts'
import type { Change, Removal, Write } from '../../store/store.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import type { Lookup, Query } from './lookup.ts'
import { storedKey } from './stored-key.ts'

/** Writes a response for so long (ms). @returns whether Redis confirmed */
type Save = (stored: StoredResponse, keepFor: number) => Promise<boolean>

/** Where a response belongs, worked out before its body is there, so that the write itself begins at once. */
export interface PreparedSave {
  readonly save: Save
  readonly vary: StoredResponse['vary']
  /** The marker that it will belong to. */
  readonly of: string | undefined
}

/**
 * Prepares to store a response.
 *
 * @param selectors what selects it, sorted
 * @param maxVariants of one resource; beyond it the oldest goes
 */
export async function prepareSave(
  cache: CacheOperations,
  { text, headers, memo }: Query,
  { id, marker, markerUntil = 0 }: Lookup,
  selectors: readonly string[],
  maxVariants: number,
): Promise<PreparedSave> {
  const inside = internalsOf(cache)
  const { store, options, report, now } = inside
  const names = selectors.length === 0 ? [] : widenSelectors(marker, selectors)
  const vary = selectingValues(headers, names)
  const isSame = marker !== undefined && names.length === marker.vary.length
  const of = names.length === 0 ? undefined : isSame ? marker.id : crypto.randomUUID()
  const variant = of === undefined ? undefined : await memo.hash(variantText(text, vary))

  return { save, vary, of }

  async function save(stored: StoredResponse, keepFor: number): Promise<boolean> {
    const startedAt = now()
    const changes: (Change | undefined)[] = []
    if (variant === undefined || of === undefined) changes.push(write(undefined, stored, keepFor), ...drop(marker?.variants ?? []))
    else {
      const others = isSame ? marker.variants.filter((one) => one !== variant) : []
      const variants = [...others, variant].slice(-maxVariants)
      const until = Math.max(keepFor, isSame ? markerUntil - startedAt : 0)
      changes.push(write(variant, stored, keepFor), write(undefined, { key: text, id: of, vary: names, variants }, until))
      changes.push(...drop((marker?.variants ?? []).filter((one) => !variants.includes(one))))
    }
    if (changes.includes(undefined)) return false
    const outcomes = (
      await store.write(
        changes.filter((one) => one !== undefined),
        'entry',
      )
    ).slice(0, variant === undefined ? 1 : 2)
    report?.write('set', outcomes, startedAt)
    return outcomes.every((outcome) => outcome === true)
  }

  /** @returns undefined where it is too large: then nothing at all is written */
  function write(part: string | undefined, value: StoredResponse | Marker, keepFor: number): Write | undefined {
    const at = now()
    const encoded = encodeEntry({ value: toEnvelope(value), expires: at + keepFor, at }, jsonSerializer)
    if (encoded === undefined || byteLengthExceeds(encoded, options.valueBytes)) return undefined
    return { key: storedKey(inside, id, part), text: encoded, ttl: keepFor }
  }

  function drop(variants: readonly string[]): readonly Removal[] {
    return variants.length === 0 ? [] : [{ keys: variants.map((part) => storedKey(inside, id, part)), isLazy: true }]
  }
}
