import { CacheError } from '../errors.ts'
import { handOver } from '../session/hand-over.ts'
import type { WrapContext } from './context.ts'
import type { LoadRequest } from './load-request.ts'
import { createLoads } from './load.ts'
import type { Loaded } from './loaded.ts'

/**
 * Refreshes a value behind `waitUntil`, in an invocation of its own: the request's ends with its response, and its signal fires.
 * Nobody begins a second refresh where one is under way.
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
    // The loader, and what the cache does before it and after it.
    const background = context.openBackground(context.now() + policy.patience + 2 * context.options.timeout)
    try {
      const bounded = { ...wanted, policy: { ...policy, hard: policy.patience }, signals: [] }
      return await createLoads(background.context).run(bounded, 'background', { isDetached: false }, flight)
    } finally {
      await background.close()
    }
  }
}
