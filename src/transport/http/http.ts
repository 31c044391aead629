import { openHttp } from './connection.ts'
import { type HttpOptions, toEndpoint } from './endpoint.ts'
import { restExchange } from './exchange.ts'
import type { Transport } from '../transport.ts'

/**
 * Redis over Upstash's REST interface: one request a pipeline, on every runtime that has fetch.
 *
 * @throws TypeError or RangeError where an option cannot be used; it never quotes the URL or the token
 */
export function http(options: HttpOptions): Transport {
  const endpoint = toEndpoint(options)
  const transport: Transport = { name: 'http', spansSlots: true, isConnectionless: true, open: () => openHttp(restExchange(endpoint)) }
  const { load } = endpoint.requester
  return load === undefined ? transport : { ...transport, load }
}
