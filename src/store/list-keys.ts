import { CacheError } from '../errors.ts'
import { checkCall, refuseUnknown } from '../options/checks.ts'
import type { KeyList, KeysOptions } from '../options/types.ts'
import type { StoreContext } from './context.ts'
import { observed } from './observed.ts'
import { rangeWithin, scanPages } from './scan.ts'
import type { ScannedPage, Store } from './store.ts'

const KNOWN: readonly string[] = ['prefix', 'timeout', 'signal']

/** Walks over the public keys of a namespace. @throws TypeError or RangeError where an option is wrong */
export function listKeys<Key extends string>(context: StoreContext, call: KeysOptions = {}): KeyList<Key> {
  checkCall(call)
  refuseUnknown('', call, KNOWN)
  const { options, report, now } = context
  const { prefix = '', ...request } = call
  const range = rangeWithin(options.keys, prefix)
  const told = new Set<ScannedPage | CacheError>()
  const pages = report === undefined ? context : { ...context, store: { ...context.store, walk: walkTelling(context, told) } }
  let failure: CacheError | undefined

  async function* walk(): AsyncGenerator<Key, void, undefined> {
    const startedAt = now()
    for await (const page of scanPages(pages, range, request)) {
      if (page instanceof CacheError) {
        failure = page
        if (!told.has(page)) report?.read('keys', [page], startedAt)
        return
      }
      // The type is the caller's claim, as it is for values.
      for (const key of new Set(page.keys)) yield key.slice(options.keys.prefix.length) as Key
    }
  }

  return Object.defineProperty(walk(), 'failure', { get: () => failure }) as KeyList<Key>
}

/** Tells of each page, which takes a round trip: the time between two pages is the caller's. */
function walkTelling(context: StoreContext, told: Set<ScannedPage | CacheError>): Store['walk'] {
  return (range, cursor, request) =>
    observed(context, 'keys', [], async ({ store, report, now }) => {
      const startedAt = now()
      const page = await store.walk(range, cursor, request)
      told.add(page)
      report?.read('keys', page instanceof CacheError ? [page] : page.keys, startedAt)
      return page
    })
}
