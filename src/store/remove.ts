import { CacheError } from '../errors.ts'
import { checkCall } from '../options/checks.ts'
import type { CallOptions } from '../options/types.ts'
import type { StoreContext } from './context.ts'
import { toStoredKey } from './read.ts'
import type { Changed } from './store.ts'

/** Deletes entries in one round trip. @returns by position: whether it was there, or why that is not confirmed */
export async function removeMany(context: StoreContext, given: readonly string[], call: CallOptions | undefined): Promise<readonly Changed[]> {
  const { store, report, now, loads } = context
  if (!Array.isArray(given)) throw new TypeError('keys: expected an array of strings')
  if (call !== undefined) checkCall(call)
  const startedAt = now()
  const removals = given.map((key: string) => {
    const storedKey = toStoredKey(context, key)
    if (storedKey instanceof CacheError) return storedKey
    loads().forget(storedKey)
    return { keys: [storedKey] }
  })
  const outcomes = await store.write(removals, 'entry', call)
  report?.write('delete', outcomes, startedAt)
  return outcomes
}
