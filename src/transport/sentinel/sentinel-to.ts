import type { NodesSettings } from '../nodes-settings.ts'
import { addressOf } from '../node-name.ts'
import { createNodeTransports } from '../tcp/node-transports.ts'
import type { TcpToOptions } from '../tcp/tcp-to.ts'
import type { Transport } from '../transport.ts'
import { createSentinelConnection } from './sentinel-connection.ts'
import { createWatched } from './watched.ts'

/** A primary that sentinels name, whose URL and options are checked already. */
export function sentinelTo(settings: NodesSettings, options: TcpToOptions): Required<Pick<Transport, 'open' | 'nodes'>> {
  const { url, readsReplicas, sentinelCredentials } = settings
  const { isTls, database } = url
  const toNode = createNodeTransports({ ...settings, ...options, isTls, database })
  const toSentinel = createNodeTransports({ ...settings, ...options, isTls, database: 0, credentials: sentinelCredentials })
  const watched = createWatched(url.seeds, url.name, readsReplicas, {
    transportToNode: (name) => toNode(addressOf(name)),
    transportToSentinel: (name) => toSentinel(addressOf(name)),
  })
  return {
    // A sentinel, for whoever asks for a single connection.
    open: () => watched.transportToSentinel(watched.sentinels[0] ?? '').open(),
    nodes: (host) => createSentinelConnection(watched, host),
  }
}
