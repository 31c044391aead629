import { CacheError } from '../errors.ts'
import { handOver } from '../session/hand-over.ts'
import type { WrapContext } from './context.ts'
import type { LoadRequest, LoadTarget } from './load-request.ts'
import { createLoads } from './load.ts'
import type { Loaded } from './loaded.ts'
import { type ManyLoadRequest, shareMany } from './share-many.ts'

/**
 * Refreshes a value after the response, under `waitUntil`. It gets an invocation of its own, since that of the request ends with the
 * response. Does nothing where a refresh of the key is under way.
 */
export function refreshInBackground(context: WrapContext, wanted: LoadRequest, waitUntil: (promise: Promise<unknown>) => void): void {
  const { storedKey, policy } = wanted
  if (storedKey instanceof CacheError || context.loads().isUnderWay(storedKey, policy.patience)) return
  const flight = context.loads().start(storedKey)
  handOver(
    refresh().then(flight.settle, () => flight.settle(undefined)),
    waitUntil,
  )

  async function refresh(): Promise<Loaded | undefined> {
    // Time for the loader, and for a round trip before and after it.
    const background = context.openBackground(context.now() + policy.patience + 2 * context.options.timeout)
    try {
      const early = wanted.timeout ?? context.options.timeout
      const bounded = { ...wanted, early, policy: { ...policy, hard: policy.patience }, signals: [] }
      return await createLoads(background.context).run(bounded, 'background', { isDetached: false }, flight)
    } finally {
      await background.close()
    }
  }
}

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
        refreshed: idle.map((target) => ({ ...target, early: target.timeout ?? context.options.timeout })),
        hard: patience,
        mode: { isDetached: false },
        isBackground: true,
      })
    } finally {
      await background.close()
    }
  }
}
