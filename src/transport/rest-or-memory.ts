import type { TransportOptions } from '../options.ts'
import { memory } from './memory.ts'
import type { Transport } from './transport.ts'

/** The transports that every runtime has, by the URL's scheme. @throws TypeError for an unknown scheme or a missing token */
export function restOrMemory({ url }: TransportOptions): Transport {
  if (url.protocol === 'memory:') return memory()
  throw new TypeError(`url: unknown scheme '${url.protocol}'. Known: redis:, rediss:, unix:, https:, http:, memory:`)
}
