import type { NodesSettings } from '../nodes-settings.ts'
import { createNodeTransports } from '../tcp/node-transports.ts'
import type { TcpToOptions } from '../tcp/tcp-to.ts'
import type { Transport } from '../transport.ts'
import { createClusterConnection } from './cluster-connection.ts'
import { createTopology } from './topology.ts'

/** A cluster whose URL and options are checked already. */
export function clusterTo(settings: NodesSettings, options: TcpToOptions): Required<Pick<Transport, 'open' | 'nodes'>> {
  const { url, readsReplicas } = settings
  const transportTo = createNodeTransports({ ...settings, ...options, isTls: url.isTls, database: 0 })
  const topology = createTopology({ seeds: url.seeds, readsReplicas, transportTo })
  return {
    // One node of it, for whoever asks for a single connection.
    open: () => topology.transportTo(topology.seeds[0] ?? '').open(),
    nodes: (host) => createClusterConnection(topology, host),
  }
}
