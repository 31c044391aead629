import type { Transport } from './transport.ts'
import { unavailable } from './unavailable.ts'

/** `memory` whose LRU is imported when it is first asked for: a fifth of the package's import, which TCP and REST must not pay. */
export function lazyMemory(): Transport {
  let loaded: Transport | undefined

  async function load(): Promise<void> {
    const { memory } = await import('./memory.ts')
    loaded = memory()
  }
  return { name: 'memory', spansSlots: true, isConnectionless: true, load, open: () => loaded?.open() ?? unavailable('tiny-lru', undefined) }
}
