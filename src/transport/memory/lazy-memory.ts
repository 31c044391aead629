import { lazily } from '../lazily.ts'
import type { Transport } from '../transport.ts'

/** `memory` that is imported when it is first asked for: TCP and REST do not pay for it. */
export function lazyMemory(): Transport {
  return lazily({ name: 'memory', spansSlots: true, isConnectionless: true }, 'memory', async () => {
    const { memory } = await import('./memory.ts')
    return memory()
  })
}
