import { CacheError } from '../errors.ts'
import { checkCall } from '../options/checks.ts'
import type { CallOptions } from '../options/types.ts'
import type { StoreContext } from './context.ts'
import { type Found, toOutcome, toStoredKey } from './found.ts'
import { judge } from './judge.ts'

/** Reads an entry and deletes it, in one step where Redis can. @returns what it was, as a read would say */
export async function takeOne(context: StoreContext, key: string, call: CallOptions | undefined): Promise<Found> {
  const { store, report, now, loads } = context
  const startedAt = now()
  const storedKey = toStoredKey(context, key)
  if (call !== undefined) checkCall(call)
  let found: Found
  if (storedKey instanceof CacheError) found = storedKey
  else {
    loads().forget(storedKey)
    found = await judge(context, await store.take(storedKey, call), call, startedAt)
  }
  report?.read('take', [toOutcome(context, found)], startedAt)
  return found
}
