import { http } from '../../transport/http/http.ts'
import { lazyMemory } from '../../transport/memory/lazy-memory.ts'
import { lazyTcp } from '../../transport/tcp/lazy-tcp.ts'
import { nodeRequester } from '../../transport/http/node-requester.ts'
import { restOrMemory } from '../../transport/rest-or-memory.ts'
import { isTcpScheme } from '../../transport/tcp/address.ts'
import type { Connection } from '../../transport/transport.ts'
import type { Target } from './target.ts'

/** The longest answer that is read: INFO is a few kB. */
const REPLY_BYTES = 1_048_576

/**
 * A connection by the package's own transports, so that what the doctor sees is what a cache will see.
 *
 * @param wait ms to connect in
 * @returns once the driver is loaded: its import is not the server's fault
 */
export async function openTransport({ url: href, token, servername }: Target, wait: number): Promise<Connection> {
  const url = new URL(href)
  const options = {
    url,
    token,
    connectTimeout: Math.max(1, Math.ceil(wait)),
    valueBytes: REPLY_BYTES,
    createClient: undefined,
    tls: servername === undefined ? undefined : { servername },
    credentials: undefined,
    hasCopies: false,
    fetchCache: undefined,
  }
  const transport = isTcpScheme(url.protocol)
    ? lazyTcp(options)
    : restOrMemory(options, (rest) => http({ ...rest, requester: nodeRequester(url.protocol) }), lazyMemory)
  await transport.load?.()
  return transport.open()
}
