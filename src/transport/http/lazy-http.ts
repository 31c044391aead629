import { openHttp } from './connection.ts'
import { type HttpOptions, toEndpoint } from './endpoint.ts'
import { lazily } from '../lazily.ts'
import type { Transport } from '../transport.ts'

/**
 * `http` whose driver is imported when it is first asked for: a third of the package's import, which TCP and memory must not
 * pay. The options are checked at once.
 *
 * @throws TypeError or RangeError where an option cannot be used; it never quotes the URL or the token
 */
export function lazyHttp(options: HttpOptions): Transport {
  const endpoint = toEndpoint(options)
  return lazily({ name: 'http', spansSlots: true, isConnectionless: true }, '@upstash/redis', async () => {
    const [{ createDriver }] = await Promise.all([import('./driver.ts'), endpoint.requester.load?.()])
    const driver = createDriver()
    return { open: () => openHttp(endpoint, driver) }
  })
}
