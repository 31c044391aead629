import { encodeEntry } from '../../entry/entry.ts'
import { byteLengthExceeds } from '../../entry/limits.ts'
import { jsonSerializer } from '../../entry/serializer.ts'
import { internalsOf } from '../../facade/internals.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import { toEnvelope } from '../../http/codec.ts'
import type { CacheError } from '../../errors.ts'
import { remainingLifetime, type StoredResponse } from '../../http/stored.ts'
import { widenSelectors } from '../../http/variants.ts'
import { selectingValues, variantText, withChoices } from '../../http/vary.ts'
import { observed } from '../../store/observed.ts'
import type { CopiedWrite } from '../../store/store.ts'
import type { Lookup, Query } from './lookup.ts'
import { saveVariant } from './save-variant.ts'
import { storedKey, VARIANTS } from './stored-key.ts'

/** Where a response belongs, worked out before its body is there, so that the write itself begins at once. */
export interface PreparedSave {
  /** Writes a response for so long (ms). @param failure why Redis cannot be given it: then it is kept as a copy @returns whether Redis confirmed; false also where it is too large, or there is no room */
  readonly save: (stored: StoredResponse, keepFor: number, failure?: CacheError) => Promise<boolean>
  readonly vary: StoredResponse['vary']
}

/**
 * Prepares to store a response.
 *
 * @param response its fields
 * @param selectors what selects it, sorted
 * @param maxVariants of one resource; beyond it the oldest goes
 */
export async function prepareSave(
  cache: CacheOperations,
  { text, headers, isNormalized, memo }: Query,
  lookup: Lookup,
  response: Headers,
  selectors: readonly string[],
  maxVariants: number,
): Promise<PreparedSave> {
  const context = internalsOf(cache)
  const { store, options, now } = context
  const names = widenSelectors(lookup.variants, selectors)
  const vary = withChoices(selectingValues(headers, names, isNormalized), response)
  const part = names.length === 0 ? undefined : await memo.hash(variantText(text, vary))
  const base = storedKey(context, lookup.id)

  return { save, vary }

  async function save(stored: StoredResponse, keepFor: number, failure = lookup.failure ?? lookup.origin?.failure): Promise<boolean> {
    const at = now()
    const encoded = encodeEntry({ value: toEnvelope(stored), expires: at + keepFor, at }, jsonSerializer)
    if (encoded === undefined || byteLengthExceeds(encoded, options.valueBytes)) return false
    const copied = copiedOf(stored, at)
    if (failure !== undefined) {
      if (part !== undefined || lookup.variants !== undefined || copied === undefined) return false
      await store.write([{ key: base, failure, instead: { key: base, text: encoded, ttl: keepFor, copied } }], 'entry')
      return false
    }
    const outcome = await observed(context, 'set', [], async ({ report }) => {
      const made =
        part === undefined
          ? await saveBase(encoded, keepFor, copied)
          : await saveVariant(context, lookup, { text, part, names }, encoded, keepFor, maxVariants)
      if (made !== false) report?.write('set', [made], at, [{ key: base, text: encoded, ttl: keepFor }])
      return made
    })
    if (outcome === true) memo.places(context, lookup.id).varies = part !== undefined
    return outcome === true
  }

  /** What a copy has to know; undefined where none are kept. */
  function copiedOf(stored: StoredResponse, at: number): CopiedWrite | undefined {
    const { since } = lookup
    if (since === undefined) return undefined
    const on = stored.tags.length === 0 ? undefined : stored.tags.map(([tag]) => context.tags().keyOf(tag))
    return { since, isLoaded: true, freshUntil: at + remainingLifetime(stored, at), on }
  }

  /** Where there are variants by now it gives way: it would be found first. */
  async function saveBase(
    encoded: string,
    keepFor: number,
    copied: CopiedWrite | undefined,
  ): Promise<Awaited<ReturnType<typeof store.write>>[number]> {
    const writing = store.write([{ key: base, text: encoded, ttl: keepFor, ...(copied && { copied }) }], 'entry')
    const [list] = await store.readMany([storedKey(context, lookup.id, VARIANTS)], 'lease', undefined, { isPresenceOnly: true })
    const [outcome = false] = await writing
    if (list !== '' || lookup.isBroken === true) return outcome
    await store.write([{ keys: [base] }], 'entry')
    return false
  }
}
