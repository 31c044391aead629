import { CacheError } from '../errors.ts'
import { handOver } from '../session/hand-over.ts'
import type { WrapContext } from './context.ts'
import type { Target } from './ask.ts'
import { type ManyAsk, shareMany } from './share-many.ts'

/** Refreshes values behind `waitUntil`, in an invocation of their own, but for those that somebody is at already. */
export function refreshManyAside(
  context: WrapContext,
  ask: Omit<ManyAsk, 'missing' | 'refreshed' | 'hard' | 'course' | 'isBackground'> & { readonly targets: readonly Target[] },
  waitUntil: (promise: Promise<unknown>) => void,
): void {
  const { targets, patience } = ask
  const idle = targets.filter(({ storedKey }) => !(storedKey instanceof CacheError) && !context.loads().isUnderWay(storedKey, patience))
  if (idle.length > 0) handOver(refresh(), waitUntil)

  async function refresh(): Promise<void> {
    const background = context.openBackground(context.now() + patience + 2 * context.options.timeout)
    // Loads are shared in the invocation that asked.
    const own = { ...background.context, loads: context.loads }
    try {
      await shareMany(own, {
        ...ask,
        signals: [],
        missing: [],
        refreshed: idle,
        hard: patience,
        course: { isAside: false },
        isBackground: true,
      })
    } finally {
      await background.close()
    }
  }
}
