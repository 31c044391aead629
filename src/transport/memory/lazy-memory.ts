import { lazily } from '../lazily.ts'
import type { Transport } from '../transport.ts'

/** `memory` whose LRU is imported when it is first asked for: a fifth of the package's import, which TCP and REST must not pay. */
export function lazyMemory(): Transport {
  return lazily({ name: 'memory', spansSlots: true, isConnectionless: true }, 'tiny-lru', async () => {
    const { memory } = await import('./memory.ts')
    return memory()
  })
}
