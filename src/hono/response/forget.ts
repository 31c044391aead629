import { internalsOf } from '../../facade/internals.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import type { ResponseMemo } from './memo.ts'
import { storedKey } from './stored-key.ts'

/** Forgets all that is stored for keys: without its marker no variant is ever found again. @returns true where Redis confirmed */
export async function forget(cache: CacheOperations, texts: readonly string[], hash: ResponseMemo['hash']): Promise<boolean> {
  const inside = internalsOf(cache)
  const { store, report, now } = inside
  const startedAt = now()
  const ids = await Promise.all(texts.map(async (text) => hash(text)))
  const outcomes = await store.write(
    ids.map((id) => ({ keys: [storedKey(inside, id)] })),
    'entry',
  )
  report?.write('delete', outcomes, startedAt)
  return outcomes.every((outcome) => typeof outcome === 'boolean')
}
