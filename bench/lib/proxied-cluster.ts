import { type FaultProxy, faultProxy, type LocalCluster, startCluster, type StartClusterOptions } from 'fastmiss/testing'

/** A cluster whose nodes go by the ports of fault proxies, so that every client goes through them without a setting of its own. */
export interface ProxiedCluster extends AsyncDisposable {
  readonly cluster: LocalCluster
  /** In the order of the nodes. */
  readonly proxies: readonly FaultProxy[]
  /** Seeds: the proxies of the primaries. */
  readonly seeds: readonly { readonly host: string; readonly port: number }[]
  readonly url: string
  /** Connections to all nodes since the start, and those that are open. */
  count(): { readonly dials: number; readonly open: number }
}

export async function startProxiedCluster(options: StartClusterOptions = {}): Promise<ProxiedCluster> {
  const cluster = await startCluster(options)
  const proxies = await Promise.all(cluster.nodes.map(({ port }) => faultProxy({ target: `redis://127.0.0.1:${port}` })))
  const ports = proxies.map(({ port }) => port)
  await announce(cluster, ports)
  const seeds = ports.filter((_, index) => cluster.nodes[index]?.role === 'primary').map((port) => ({ host: '127.0.0.1', port }))
  const sum = (name: 'connections' | 'open'): number => proxies.reduce((total, { counters }) => total + counters[name], 0)
  return {
    cluster,
    proxies,
    seeds,
    url: `redis+cluster://${seeds.map(({ host, port }) => `${host}:${port}`).join(',')}`,
    count: () => ({ dials: sum('connections'), open: sum('open') }),
    async [Symbol.asyncDispose]() {
      await Promise.all(proxies.map((proxy) => proxy.stop()))
      await cluster.stop()
    },
  }
}

/** Resolves once every node names the others by these ports. */
async function announce({ nodes }: LocalCluster, ports: readonly number[]): Promise<void> {
  await Promise.all(nodes.map((node, index) => node.ask(['CONFIG', 'SET', 'cluster-announce-port', String(ports[index])])))
  for (;;) {
    const maps = await Promise.all(nodes.map((node) => node.ask(['CLUSTER', 'SLOTS'])))
    // A range is [first slot, last slot, [host, port, …], …].
    const named = maps.flatMap(([ranges]) => (ranges as (readonly [number, number, ...[string, number][]])[]).flatMap(([, , ...all]) => all))
    if (named.every(([, port]) => ports.includes(port))) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
