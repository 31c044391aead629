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
 * @throws TypeError for an unknown scheme or a missing token
 */
export function restOrMemory(
  { url, token, valueBytes }: TransportOptions,
  makeHttp: (options: HttpOptions) => Transport,
  makeMemory: () => Transport,
): Transport {
  if (url.protocol === 'memory:') return makeMemory()
  if (url.protocol === 'https:' || url.protocol === 'http:') {
    const maxReplyBytes = REPLY_BYTES_PER_VALUE_BYTE * Math.max(valueBytes, 8_388_608)
    return makeHttp({ url, token, maxReplyBytes })
  }
  throw new TypeError(`url: unknown scheme '${url.protocol}'. Known: redis:, rediss:, unix:, https:, http:, memory:`)
}
