import type { TransportOptions } from '../transport-options.ts'
import { lazily } from '../lazily.ts'
import { parseAddress } from './address.ts'
import type { Transport } from '../transport.ts'

/**
 * TCP whose driver is imported when it is first asked for: importing it takes 60 to 200 ms of CPU, which HTTP and memory
 * must not pay. The URL is checked at once.
 */
export function lazyTcp(options: TransportOptions): Transport {
  const { connectTimeout, createClient } = options
  const address = parseAddress(options.url.href, options)
  return lazily({ name: 'tcp', spansSlots: false }, '@redis/client', async () => {
    const { tcpTo } = await import('./tcp.ts')
    return tcpTo(address, connectTimeout, createClient)
  })
}
