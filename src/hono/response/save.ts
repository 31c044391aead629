import { encodeEntry } from '../../entry/entry.ts'
import { byteLengthExceeds } from '../../entry/limits.ts'
import { jsonSerializer } from '../../entry/serializer.ts'
import { internalsOf } from '../../facade/internals.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import { toEnvelope } from '../../http/codec.ts'
import type { StoredResponse } from '../../http/stored.ts'
import { widenSelectors } from '../../http/variants.ts'
import { selectingValues, variantText } from '../../http/vary.ts'
import type { Lookup, Query } from './lookup.ts'
import { saveVariant } from './save-variant.ts'
import { storedKey, VARIANTS } from './stored-key.ts'

/** Where a response belongs, worked out before its body is there, so that the write itself begins at once. */
export interface PreparedSave {
  /** Writes a response for so long (ms). @returns whether Redis confirmed; false also where it is too large, or there is no room */
  readonly save: (stored: StoredResponse, keepFor: number) => Promise<boolean>
  readonly vary: StoredResponse['vary']
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
  lookup: Lookup,
  selectors: readonly string[],
  maxVariants: number,
): Promise<PreparedSave> {
  const inside = internalsOf(cache)
  const { store, options, report, now } = inside
  const names = widenSelectors(lookup.variants, selectors)
  const vary = selectingValues(headers, names)
  const part = names.length === 0 ? undefined : await memo.hash(variantText(text, vary))
  const base = storedKey(inside, lookup.id)

  return { save, vary }

  async function save(stored: StoredResponse, keepFor: number): Promise<boolean> {
    const at = now()
    const encoded = encodeEntry({ value: toEnvelope(stored), expires: at + keepFor, at }, jsonSerializer)
    if (encoded === undefined || byteLengthExceeds(encoded, options.valueBytes)) return false
    const outcome =
      part === undefined ? await saveBase(encoded, keepFor) : await saveVariant(inside, lookup, { text, part, names }, encoded, keepFor, maxVariants)
    if (outcome === true) memo.places(inside, lookup.id).varies = part !== undefined
    if (outcome !== false) report?.write('set', [outcome], at)
    return outcome === true
  }

  /** Where there are variants by now it gives way: it would be found first. */
  async function saveBase(encoded: string, keepFor: number): Promise<Awaited<ReturnType<typeof store.write>>[number]> {
    const writing = store.write([{ key: base, text: encoded, ttl: keepFor }], 'entry')
    const [list] = await store.readMany([storedKey(inside, lookup.id, VARIANTS)], 'lease', undefined, { isPresenceOnly: true })
    const [outcome = false] = await writing
    if (list !== '' || lookup.isBroken === true) return outcome
    await store.write([{ keys: [base] }], 'entry')
    return false
  }
}
