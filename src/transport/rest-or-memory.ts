import type { TransportOptions } from '../transport-options.ts'
import { http } from './http.ts'
import type { Requester } from './http-request.ts'
import { memory } from './memory.ts'
import type { Transport } from './transport.ts'

/** JSON may need more bytes than the value it carries, and a batch carries several. */
const REPLY_BYTES_PER_VALUE_BYTE = 2

/**
 * The transports that every runtime has, by the URL's scheme.
 *
 * @param requester how requests are sent; undefined for the runtime's fetch
 * @throws TypeError for an unknown scheme or a missing token
 */
export function restOrMemory({ url, token, valueBytes }: TransportOptions, requester?: Requester): Transport {
  if (url.protocol === 'memory:') return memory()
  if (url.protocol === 'https:' || url.protocol === 'http:') {
    const maxReplyBytes = REPLY_BYTES_PER_VALUE_BYTE * Math.max(valueBytes, 8_388_608)
    return http({ url, token, maxReplyBytes, ...(requester === undefined ? {} : { requester }) })
  }
  throw new TypeError(`url: unknown scheme '${url.protocol}'. Known: redis:, rediss:, unix:, https:, http:, memory:`)
}
