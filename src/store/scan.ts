import { CacheError } from '../errors.ts'
import { describe } from '../options/checks.ts'
import { primariesOf } from '../session/send.ts'
import type { Request } from '../session/session.ts'
import type { Command, Reply } from '../transport/transport.ts'
import { FIRST_CURSOR, readPage, scanCommand } from './commands.ts'
import type { StoreContext } from './context.ts'
import type { KeyRange, ScannedPage } from './store.ts'

/** What `keys` and `clear` are asked for: those keys of a namespace that begin with a prefix. @throws TypeError where it cannot be told whose they are */
export function rangeWithin(keys: KeyRange, prefix: unknown): KeyRange {
  if (typeof prefix !== 'string') throw new TypeError(`prefix: expected a string, got ${describe(prefix)}`)
  const range: KeyRange = { prefix: keys.prefix + prefix, owns: keys.owns }
  if (keys.owns(range.prefix)) return range
  throw new TypeError("prefix: must not contain '::' without a namespace: such keys may belong to another one")
}

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
  request: Request = {},
): AsyncGenerator<ScannedPage | CacheError, void> {
  const nodes = await primariesOf(session(), request)
  if (nodes instanceof CacheError) return yield nodes
  let failure: CacheError | undefined
  for (const node of nodes) {
    let cursor: string | undefined
    do {
      const page = await store.walk(range, cursor, node === '' ? request : { ...request, node })
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
