import { CacheError } from '../errors.ts'
import { checkCall, refuseUnknown } from '../options/checks.ts'
import type { KeyList, KeysOptions } from '../options/types.ts'
import type { StoreContext } from './context.ts'
import { rangeWithin, scanPages } from './scan.ts'

const KNOWN: readonly string[] = ['prefix', 'timeout', 'signal']

/** Walks over the public keys of a namespace. @throws TypeError or RangeError where an option is wrong */
export function listKeys<Key extends string>(context: StoreContext, call: KeysOptions = {}): KeyList<Key> {
  checkCall(call)
  refuseUnknown('', call, KNOWN)
  const { options, report, now } = context
  const { prefix = '', ...request } = call
  const range = rangeWithin(options.keys, prefix)
  let failure: CacheError | undefined

  async function* walk(): AsyncGenerator<Key, void, undefined> {
    const startedAt = now()
    for await (const page of scanPages(context, range, request)) {
      if (page instanceof CacheError) {
        failure = page
        report?.read('keys', [page], startedAt)
        return
      }
      // The type is the caller's claim, as it is for values.
      for (const key of new Set(page.keys)) yield key.slice(options.keys.prefix.length) as Key
    }
  }

  return Object.defineProperty(walk(), 'failure', { get: () => failure }) as KeyList<Key>
}
