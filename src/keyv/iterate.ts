import { overdueAfter } from '../entry/compression.ts'
import { CacheError } from '../errors.ts'
import type { StoreContext } from '../store/context.ts'
import { observed } from '../store/observed.ts'
import { scanPages } from '../store/scan.ts'
import type { Text } from '../store/store.ts'
import { createExpand } from './expand.ts'
import type { StoreKeys } from './keys.ts'

/** How many entries are read in the first round trip, whose sizes nobody knows, and in any other. */
const FIRST_BATCH = 10
const LARGEST_BATCH = 100
/** About how many characters one round trip may bring: more could run into the timeout, which would pass for an outage. */
const BATCH_LENGTH = 1_048_576

/** Keys and texts of a namespace. An entry that cannot be read is passed over with an error; any other error is the end. */
export async function* iterate(
  context: StoreContext,
  keys: StoreKeys,
  checked: (text: Text) => Text,
): AsyncGenerator<[key: string, text: string] | CacheError, void> {
  const { session, store, options, now } = context
  const expand = createExpand(options.serializer, options.valueBytes)
  let size = FIRST_BATCH
  for await (const page of scanPages({ session, store }, keys)) {
    if (page instanceof CacheError) return yield page
    const unread = [...new Set(page.keys)]
    while (unread.length > 0) {
      const batch = unread.slice(0, size)
      const texts = await readBatch(batch)
      // One answer for all, and longer than the transport takes.
      if (texts === undefined) continue
      unread.splice(0, batch.length)
      for (const [index, text] of texts.entries()) {
        // Gone since its key was seen.
        if (text === undefined) continue
        yield text instanceof CacheError ? text : [keys.toPublic(batch[index] ?? ''), text]
        if (text instanceof CacheError && !isOversize(text) && text.code !== 'decode') return
      }
    }
  }

  /** @returns undefined where a smaller batch has to be read */
  function readBatch(batch: readonly string[]): Promise<readonly Text[] | undefined> {
    return observed(context, 'getMany', [], async ({ report }) => {
      const startedAt = now()
      const read = (await store.readMany(batch, 'entry', { memory: false })).map(checked)
      if (batch.length > 1 && read.every(isOversize)) {
        size = Math.ceil(batch.length / 2)
        return undefined
      }
      size = nextSize(read)
      // No call waits for all of them: each has its own time.
      const texts = await expand(read, () => overdueAfter(options.timeout))
      report?.read('get', texts, startedAt, undefined, read)
      return texts
    })
  }
}

/** As many entries as the last ones let expect to stay within {@link BATCH_LENGTH}. */
function nextSize(texts: readonly Text[]): number {
  const lengths = texts.map((text) => (text instanceof CacheError ? BATCH_LENGTH : (text?.length ?? 0)))
  const longest = Math.max(1, ...lengths)
  return Math.max(1, Math.min(LARGEST_BATCH, Math.floor(BATCH_LENGTH / longest)))
}

function isOversize(text: Text): boolean {
  return text instanceof CacheError && text.code === 'oversize'
}
