import { CacheError } from '../errors.ts'
import { lazily } from './lazily.ts'
import type { NodesConnection } from './nodes.ts'
import { checkNodes, type NodesOptions } from './nodes-settings.ts'
import type { TransportOptions } from './transport-options.ts'
import type { Transport } from './transport.ts'

/**
 * A cluster, or a primary that sentinels name, whose code is imported with the driver: who names one address pays nothing for it. URL and
 * options are checked at once.
 */
export function lazyNodes(href: string, given: NodesOptions, { connectTimeout, createClient }: TransportOptions): Transport {
  const settings = checkNodes(href, given)
  const { kind, isTls } = settings.url
  let loaded: Pick<Transport, 'open' | 'nodes'> | undefined
  const transport = lazily({ name: kind, spansSlots: false }, 'node-redis', async () => {
    const loadingTls = isTls ? import('./node-tls.ts').then(({ loadTls }) => loadTls()) : undefined
    const [make, { namesOnNode }, connectTls] = await Promise.all([importOf(kind), import('./lookup.ts'), loadingTls])
    loaded = make(settings, { connectTimeout, createClient, connectTls, names: namesOnNode(connectTimeout) })
    return loaded
  })
  return { ...transport, nodes: (host) => lateLine(settings.readsReplicas, () => loaded?.nodes?.(host)) }
}

async function importOf(kind: 'cluster' | 'sentinel') {
  return kind === 'cluster' ? (await import('./cluster/cluster-to.ts')).clusterTo : (await import('./sentinel/sentinel-to.ts')).sentinelTo
}

/** Connections that are made when they are first used: whose key it is nobody knows before. */
function lateLine(readsReplicas: boolean, make: () => NodesConnection | undefined): NodesConnection {
  let made: NodesConnection | undefined
  const line = (): NodesConnection | undefined => (made ??= make())
  const unavailable = (): CacheError => new CacheError('unreachable', 'The driver node-redis could not be loaded', { isFatal: true, isOutage: true })
  return {
    readsReplicas,
    nodeOf: (key) => line()?.nodeOf(key) ?? '',
    send: async (node, commands, options) => line()?.send(node, commands, options) ?? commands.map(unavailable),
    primaries: async (options) => line()?.primaries(options) ?? unavailable(),
    suspect: (waited, node) => made?.suspect(waited, node),
    holdsSocket: () => made?.holdsSocket() ?? false,
    close: () => made?.close(),
    finish: async () => made?.finish(),
  }
}
