import { CacheError } from '../errors.ts'
import type { Sender } from '../sender.ts'
import { getCommand } from '../store/redis.ts'
import { scanPages } from '../store/scan.ts'
import type { Reply } from '../transport/transport.ts'
import type { StoreKeys } from './keys.ts'

/** How many entries are read in one round trip: a page of keys may have large values. */
const BATCH = 100

/** Keys and texts of a namespace; ends after the first error, which it yields. */
export async function* iterate(
  sender: Sender,
  keys: StoreKeys,
  readText: (reply: Reply) => string | undefined | CacheError,
): AsyncGenerator<[key: string, text: string] | CacheError, void> {
  for await (const page of scanPages(sender, keys)) {
    if (page instanceof CacheError) return yield page
    const stored = [...new Set(page.keys)]
    for (let from = 0; from < stored.length; from += BATCH) {
      const batch = stored.slice(from, from + BATCH)
      const texts = (await sender.all(batch.map(getCommand))).map(readText)
      for (const [index, text] of texts.entries()) {
        if (text instanceof CacheError) return yield text
        // Gone since the key was seen.
        if (text !== undefined) yield [keys.toPublic(batch[index] ?? ''), text]
      }
    }
  }
}
