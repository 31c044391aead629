import type { TransportOptions } from '../transport-options.ts'
import { lazily } from '../lazily.ts'
import { parseAddress } from './address.ts'
import type { Transport } from '../transport.ts'

/**
 * TCP whose driver is imported when it is first asked for, and Node's TLS where the URL is one of TLS: each takes some 12 ms, which
 * others must not pay. The URL is checked at once.
 */
export function lazyTcp(options: TransportOptions): Transport {
  const { connectTimeout, createClient } = options
  const address = parseAddress(options.url.href, options)
  return lazily({ name: 'tcp', spansSlots: false }, 'node-redis', async () => {
    const [{ tcpTo }, { namesOnNode }, connectTls] = await Promise.all([
      import('./tcp-to.ts'),
      import('../lookup.ts'),
      address.isTls ? import('../node-tls.ts').then(({ loadTls }) => loadTls()) : undefined,
    ])
    return tcpTo(address, { connectTimeout, createClient, connectTls, names: namesOnNode(connectTimeout) })
  })
}
