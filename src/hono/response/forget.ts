import { internalsOf } from '../../facade/internals.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import { parseVariants } from '../../http/variants.ts'
import type { StoreContext } from '../../store/context.ts'
import { observed } from '../../store/observed.ts'
import type { ResponseMemo } from './memo.ts'
import { storedKey, VARIANTS } from './stored-key.ts'

/** Forgets all that is stored for keys: what is not listed is never found again. @returns true where Redis confirmed */
export function forget(cache: CacheOperations, texts: readonly string[], hash: ResponseMemo['hash']): Promise<boolean> {
  return observed(internalsOf(cache), 'delete', [], (context) => forgetIn(context, texts, hash))
}

async function forgetIn(context: StoreContext, texts: readonly string[], hash: ResponseMemo['hash']): Promise<boolean> {
  const { store, report, now } = context
  const startedAt = now()
  const outcomes = await Promise.all(
    texts.map(async (text) => {
      const id = await hash(text)
      const list = storedKey(context, id, VARIANTS)
      // As Redis has it: a copy may be old, which leases never have.
      const reading = store.readMany([list], 'lease')
      const removing = store.write([{ keys: [list, storedKey(context, id)] }], 'entry')
      const [listed] = await reading
      const { parts = [] } = (typeof listed === 'string' && parseVariants(listed, text)) || {}
      const keys = [...parts].map(([part]) => storedKey(context, id, part))
      if (keys.length > 0) await store.write([{ keys, isLazy: true }], 'entry')
      return (await removing)[0]
    }),
  )
  report?.write('delete', outcomes, startedAt)
  return outcomes.every((outcome) => typeof outcome === 'boolean')
}
