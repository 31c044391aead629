import { openHttp } from './http-connection.ts'
import type { HttpDriver } from './http-driver.ts'
import { type HttpOptions, toEndpoint } from './http-endpoint.ts'
import type { Transport } from './transport.ts'
import { unavailable } from './unavailable.ts'

/**
 * `http` whose driver is imported when it is first asked for: a third of the package's import, which TCP and memory must not
 * pay. The options are checked at once.
 *
 * @throws TypeError or RangeError where an option cannot be used; it never quotes the URL or the token
 */
export function lazyHttp(options: HttpOptions): Transport {
  const endpoint = toEndpoint(options)
  let driver: HttpDriver | undefined
  let problem: unknown

  async function loadDriver(): Promise<void> {
    try {
      const { createDriver } = await import('./http-driver.ts')
      driver = createDriver()
    } catch (error) {
      problem = error
    }
  }
  async function load(): Promise<void> {
    await Promise.all([loadDriver(), endpoint.requester.load?.()])
  }
  return {
    name: 'http',
    spansSlots: true,
    isConnectionless: true,
    load,
    open: () => (driver === undefined ? unavailable('@upstash/redis', problem) : openHttp(endpoint, driver)),
  }
}
