import type { TransportOptions } from './transport-options.ts'
import type { HttpOptions } from './http/endpoint.ts'
import type { Transport } from './transport.ts'

/** JSON may need more bytes than the value it carries, and a batch carries several. */
const REPLY_BYTES_PER_VALUE_BYTE = 2

/**
 * The transports that every runtime has, by the URL's scheme.
 *
 * @param makeHttp makes the one over HTTP
 * @param makeMemory makes the one in memory
 * @throws TypeError for an unknown scheme, a missing token, or copies of what is in memory anyway
 */
export function restOrMemory(
  { url, token, valueBytes, hasCopies, fetchCache }: TransportOptions,
  makeHttp: (options: HttpOptions) => Transport,
  makeMemory: () => Transport,
): Transport {
  if (url.protocol === 'memory:') {
    if (hasCopies) throw new TypeError('memory: keeps copies of what Redis holds, and with the URL memory: everything is in this process already')
    return makeMemory()
  }
  if (url.protocol === 'https:' || url.protocol === 'http:') {
    const maxReplyBytes = REPLY_BYTES_PER_VALUE_BYTE * Math.max(valueBytes, 8_388_608)
    return makeHttp({ url, token, maxReplyBytes, fetchCache })
  }
  throw new TypeError(`url: unknown scheme '${url.protocol}'. Known: redis:, rediss:, unix:, https:, http:, memory:`)
}
