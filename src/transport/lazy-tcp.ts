import type { TransportOptions } from '../transport-options.ts'
import { parseAddress } from './tcp-address.ts'
import type { Transport } from './transport.ts'
import { unavailable } from './unavailable.ts'

/**
 * TCP whose driver is imported when it is first asked for: importing it takes 60 to 200 ms of CPU, which HTTP and memory
 * must not pay. The URL is checked at once.
 */
export function lazyTcp(options: TransportOptions): Transport {
  const { connectTimeout, createClient } = options
  const address = parseAddress(options.url.href, options)
  let loaded: Transport | undefined
  let problem: unknown

  async function load(): Promise<void> {
    try {
      const { tcpTo } = await import('./tcp.ts')
      loaded = tcpTo(address, connectTimeout, createClient)
    } catch (error) {
      problem = error
    }
  }
  return { name: 'tcp', spansSlots: false, load, open: () => loaded?.open() ?? unavailable('@redis/client', problem) }
}
