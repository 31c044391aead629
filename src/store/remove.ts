import { CacheError } from '../errors.ts'
import { checkCall } from '../options/checks.ts'
import type { CallOptions } from '../options/types.ts'
import type { StoreContext } from './context.ts'
import { toStoredKey } from './found.ts'
import { rejected } from './read.ts'
import type { Changed, Removal } from './store.ts'
import { changeOne } from './write.ts'

/** Deletes entries in one round trip. @returns by position: whether it was there, or why that is not confirmed */
export async function removeMany(context: StoreContext, given: readonly string[], call: CallOptions | undefined): Promise<readonly Changed[]> {
  const { store, report, now } = context
  if (!Array.isArray(given)) throw new TypeError('keys: expected an array of strings')
  if (call !== undefined) checkCall(call)
  const startedAt = now()
  const removals = given.map((key: string) => toRemoval(context, key))
  const outcomes = await store.write(removals, 'entry', call)
  report?.write('delete', outcomes, startedAt)
  return outcomes
}

/** Deletes one entry: the hot path. @param finish makes the outcome of what came of it */
export function removeOne<Outcome>(
  context: StoreContext,
  key: string,
  call: CallOptions | undefined,
  finish: (outcome: Changed) => Outcome,
): Promise<Outcome> {
  const startedAt = context.now()
  let removal: Removal | CacheError
  try {
    if (call !== undefined) checkCall(call)
    removal = toRemoval(context, key)
  } catch (error) {
    return rejected(error)
  }
  return changeOne(context, 'delete', removal, call, startedAt, finish)
}

function toRemoval(context: StoreContext, key: string): Removal | CacheError {
  const storedKey = toStoredKey(context, key)
  if (storedKey instanceof CacheError) return storedKey
  context.loads().forget(storedKey)
  return { keys: [storedKey] }
}
