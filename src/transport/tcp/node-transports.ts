import { CacheError } from '../../errors.ts'
import type { HostPort } from '../../options/nodes-url.ts'
import type { Credentials } from '../../options/types.ts'
import type { NodePlace } from '../../options/node-address.ts'
import { parseAddress } from './address.ts'
import { tcpTo, type TcpToOptions } from './tcp-to.ts'
import type { Transport } from '../transport.ts'

/** What all nodes have in common. */
export interface NodeTransportsOptions extends TcpToOptions {
  readonly isTls: boolean
  readonly database: number
  readonly credentials: Credentials | undefined
  readonly tls: Readonly<Record<string, unknown>> | undefined
  readonly placeOf: (announced: HostPort) => NodePlace | undefined
}

/**
 * TCP to each node of several, by the name that it announces.
 *
 * @throws TypeError where an option cannot be used
 */
export function createNodeTransports(options: NodeTransportsOptions): (announced: HostPort) => Transport {
  const { isTls, database, credentials, tls, placeOf } = options
  const scheme = isTls ? 'rediss' : 'redis'
  // What is wrong with an option is told at once, not by the first node.
  parseAddress(`${scheme}://localhost`, { tls, credentials })
  return (announced) => {
    const reached = placeOf(announced)?.reached
    if (reached === undefined) return unreachable
    // TLS proves the name that the node announces, however it is reached.
    const proved = isTls && reached !== announced && !isIpAddress(announced.host) ? { servername: announced.host } : {}
    try {
      const address = parseAddress(`${scheme}://${urlHost(reached.host)}:${reached.port}/${database}`, {
        ...(isTls ? { tls: { ...proved, ...tls } } : {}),
        credentials,
      })
      return tcpTo(address, options)
    } catch {
      // A name that no URL can hold: it comes from a server, and is no reason to throw.
      return unreachable
    }
  }
}

const unreachable: Transport = {
  name: 'tcp',
  spansSlots: false,
  open() {
    const error = new CacheError('unreachable', 'The node has no address that could be dialled; see nodeAddress', {
      isFatal: true,
      isOutage: true,
      isLost: true,
    })
    return { send: (commands) => Promise.resolve(commands.map(() => error)), isUsable: false, close: () => {} }
  },
}

function isIpAddress(host: string): boolean {
  return host.includes(':') || /^\d+(\.\d+){3}$/.test(host)
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
