import { CacheError } from '../errors.ts'
import { handOver } from '../session/hand-over.ts'
import type { Parts } from '../store/parts.ts'
import type { Target } from './ask.ts'
import { type ManyAsk, shareMany } from './share-many.ts'

/** Refreshes values behind `waitUntil`, in an invocation of their own, but for those that somebody is at already. */
export function refreshManyAside(
  parts: Parts,
  ask: Omit<ManyAsk, 'missing' | 'refreshed' | 'hard' | 'course' | 'isBackground'> & { readonly targets: readonly Target[] },
  waitUntil: (promise: Promise<unknown>) => void,
): void {
  const { targets, patience } = ask
  const idle = targets.filter(({ storedKey }) => !(storedKey instanceof CacheError) && !parts.loads().isUnderWay(storedKey, patience))
  if (idle.length > 0) handOver(refresh(), waitUntil)

  async function refresh(): Promise<void> {
    const aside = parts.aside(parts.now() + patience + 2 * parts.options.timeout)
    // Loads are shared in the invocation that asked.
    const own = { ...aside.parts, loads: parts.loads }
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
      await aside.close()
    }
  }
}
