import { CacheError } from '../errors.ts'
import { checkCall } from '../options/checks.ts'
import type { CallOptions } from '../options/types.ts'
import type { StoreContext } from './context.ts'
import { type Found, toOutcome, toStoredKey } from './found.ts'
import { judge } from './judge.ts'
import type { Text } from './store.ts'

/** Reads an entry and deletes it, in one step where Redis can. @returns what it was, as a read would say */
export async function takeOne(context: StoreContext, key: string, call: CallOptions | undefined): Promise<Found> {
  const { store, report, now, loads } = context
  const startedAt = now()
  const storedKey = toStoredKey(context, key)
  if (call !== undefined) checkCall(call)
  let found: Found
  let text: Text
  if (storedKey instanceof CacheError) found = storedKey
  else {
    loads().forget(storedKey)
    text = await store.take(storedKey, call)
    found = await judge(context, text, call, startedAt)
  }
  report?.read('take', [toOutcome(context, found)], startedAt, undefined, [text])
  return found
}
