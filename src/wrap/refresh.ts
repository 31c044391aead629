import { CacheError } from '../errors.ts'
import { handOver } from '../session/hand-over.ts'
import type { Parts } from '../store/parts.ts'
import type { Ask } from './ask.ts'
import { createLoads } from './load.ts'
import type { Loaded } from './loaded.ts'

/**
 * Refreshes a value behind `waitUntil`, in an invocation of its own: the request's ends with its response, and its signal fires.
 * Nobody begins a second refresh where one is under way.
 */
export function refreshAside(parts: Parts, ask: Ask, waitUntil: (promise: Promise<unknown>) => void): void {
  const { storedKey, policy } = ask
  if (storedKey instanceof CacheError || parts.loads().isUnderWay(storedKey, policy.patience)) return
  const lead = parts.loads().lead(storedKey)
  handOver(
    refresh().then(lead.settle, () => lead.settle(undefined)),
    waitUntil,
  )

  async function refresh(): Promise<Loaded | undefined> {
    // The loader, and what the cache does before it and after it.
    const aside = parts.aside(parts.now() + policy.patience + 2 * parts.options.timeout)
    try {
      const bounded = { ...ask, policy: { ...policy, hard: policy.patience }, signals: [] }
      return await createLoads(aside.parts).run(bounded, 'background', { isAside: false }, lead)
    } finally {
      await aside.close()
    }
  }
}
