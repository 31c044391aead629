import { CacheError } from '../errors.ts'
import { primariesOf } from '../session/send.ts'
import type { Command, Reply } from '../transport/transport.ts'
import { FIRST_CURSOR, readPage, scanCommand } from './commands.ts'
import type { StoreContext } from './context.ts'
import type { KeyRange, ScannedPage } from './store.ts'

/** The command of one step. @param cursor where the last page said; undefined at the start */
export function pageCommand(range: KeyRange, cursor: string | undefined, isOfAnyType = false): Command {
  return scanCommand(cursor ?? FIRST_CURSOR, `${escapeGlob(range.prefix)}*`, isOfAnyType)
}

/** The reply to {@link pageCommand}, without the keys of others. */
export function toPage(range: KeyRange, reply: Reply): ScannedPage | CacheError {
  const page = readPage(reply)
  if (page instanceof CacheError) return page
  return {
    next: page.cursor === FIRST_CURSOR ? undefined : page.cursor,
    // Checked again, in case a server matches more than we asked for: others' keys must not be touched.
    keys: page.keys.filter((key) => key.startsWith(range.prefix) && range.owns(key)),
  }
}

/**
 * Walks over all keys of a range, a page a round trip, of every primary of a cluster; ends after the first error, which it yields. A node
 * that is out costs its own keys: the others are walked over first.
 */
export async function* scanPages(
  { session, store }: Pick<StoreContext, 'session' | 'store'>,
  range: KeyRange,
): AsyncGenerator<ScannedPage | CacheError, void> {
  const nodes = await primariesOf(session())
  if (nodes instanceof CacheError) return yield nodes
  let failure: CacheError | undefined
  for (const node of nodes) {
    let cursor: string | undefined
    do {
      const page = await store.walk(range, cursor, node === '' ? undefined : { node })
      if (page instanceof CacheError) {
        failure ??= page
        break
      }
      yield page
      cursor = page.next
    } while (cursor !== undefined)
  }
  if (failure !== undefined) yield failure
}

/** Escapes what means something in a MATCH pattern. */
function escapeGlob(prefix: string): string {
  return prefix.replaceAll(/[\\*?[\]]/g, '\\$&')
}
