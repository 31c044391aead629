import { CacheError } from '../errors.ts'
import { handOver } from '../session/hand-over.ts'
import type { WrapContext } from './context.ts'
import type { LoadTarget } from './load-request.ts'
import { type ManyLoadRequest, shareMany } from './share-many.ts'

/** Refreshes values behind `waitUntil`, in an invocation of their own, but for those that somebody is at already. */
export function refreshManyInBackground(
  context: WrapContext,
  wanted: Omit<ManyLoadRequest, 'missing' | 'refreshed' | 'hard' | 'mode' | 'isBackground'> & { readonly targets: readonly LoadTarget[] },
  waitUntil: (promise: Promise<unknown>) => void,
): void {
  const { targets, patience } = wanted
  const idle = targets.filter(({ storedKey }) => !(storedKey instanceof CacheError) && !context.loads().isUnderWay(storedKey, patience))
  if (idle.length > 0) handOver(refresh(), waitUntil)

  async function refresh(): Promise<void> {
    const background = context.openBackground(context.now() + patience + 2 * context.options.timeout)
    // Loads are shared in the invocation that asked.
    const own = { ...background.context, loads: context.loads }
    try {
      await shareMany(own, {
        ...wanted,
        signals: [],
        missing: [],
        refreshed: idle,
        hard: patience,
        mode: { isDetached: false },
        isBackground: true,
      })
    } finally {
      await background.close()
    }
  }
}
