import { expandText, mapInTurn, type Overdue } from '../entry/compression.ts'
import { decodeEntry, encodeEntry } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import type { Serializer } from '../options/types.ts'
import type { Text } from '../store/store.ts'

/** What every entry holds that the cache compressed; other texts may hold it too. */
const MARK = '"zip":true'

/**
 * Texts as Keyv reads them: what the cache compressed is expanded, since Keyv would take the compressed text for the value.
 *
 * @param serializer the cache's
 * @param valueBytes the largest text that is expanded
 * @returns expands texts, as far as there is time
 */
export function createExpand(
  serializer: Serializer,
  valueBytes: number,
): (texts: readonly Text[], toOverdue: () => Overdue) => readonly Text[] | Promise<readonly Text[]> {
  async function expand(text: string, overdue: Overdue): Promise<string | CacheError> {
    const entry = decodeEntry(text, serializer)
    if (entry?.zip === undefined || typeof entry.value !== 'string') return text
    const inner = await expandText(entry.value, valueBytes, overdue)
    if (inner instanceof CacheError) return inner
    const { zip: _zip, ...plain } = entry
    const expanded = encodeEntry({ ...plain, value: decodeEntry(inner, serializer)?.value }, serializer)
    return expanded ?? new CacheError('decode', 'What is stored under the key cannot be expanded')
  }

  return (texts, toOverdue) => {
    if (!texts.some(isMarked)) return texts
    return mapInTurn(texts, async (text) => (isMarked(text) ? expand(text, toOverdue()) : text))
  }
}

function isMarked(text: Text): text is string {
  return typeof text === 'string' && text.includes(MARK)
}
