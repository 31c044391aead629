import { createCache } from '../../../index.ts'
import { createCache as createEdgeCache } from '../../../index.workerd.ts'
import { internalsOf } from '../../../facade/internals.ts'
import type { Cache, CacheOptions } from '../../../facade/types.ts'
import type { Step } from '../step.ts'

const NAMES: Readonly<Record<string, string>> = {
  tcp: 'TCP (node-redis)',
  http: 'REST (fetch)',
  memory: 'memory',
  cluster: 'TCP (node-redis), to each node',
  sentinel: 'TCP (node-redis), by sentinels',
}

/** Which transport each runtime takes for this URL: asked of the entries themselves, without a connection. */
export const transports: Step = {
  name: 'transports',
  isOffline: true,
  run({ target: { url, token, wire, socketPath, nodes } }) {
    const made = nodes?.url.kind ?? 'tcp'
    const options: CacheOptions = token === undefined || wire !== 'http' ? { url } : { url, token }
    const node = chosenBy(createCache, options) ?? 'none'
    const handedIn =
      socketPath === undefined ? `TCP, handed in: transport: ${made}(url) of fastmiss/tcp, with nodejs_compat` : 'none: it has no unix sockets'
    const runtimes = { node, lambda: node, workers: chosenBy(createEdgeCache, options) ?? handedIn }
    return { status: 'ok', finding: `Node and Lambda: ${node}; Workers: ${runtimes.workers}`, facts: { runtimes } }
  },
}

function chosenBy(create: (options: CacheOptions) => Cache, options: CacheOptions): string | undefined {
  try {
    const { transportName } = internalsOf(create(options))
    return NAMES[transportName] ?? transportName
  } catch {
    // The entry knows no transport for this scheme.
    return undefined
  }
}
