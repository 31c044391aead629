import { faultProxy, type LocalCluster, startCluster } from 'fastmiss/testing'
import type { Backend } from './backend.ts'

/** The key whose shard is behind the switch, as the Worker stores it. */
const KEY = 'demo::greeting'

/**
 * A real cluster of three primaries, each behind a proxy of its own. The switch breaks the one that holds `greeting`: keys of the others
 * go on being answered.
 *
 * @throws Error where there is no redis-server: nothing embedded makes a cluster
 */
export async function startClusterBackend(): Promise<Backend> {
  const cluster = await startCluster({ replicas: 0, args: ['--cluster-require-full-coverage', 'no'] })
  const proxies = await Promise.all(cluster.nodes.map(({ url }) => faultProxy({ target: url })))
  const stop = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.stop()))
    await cluster.stop()
  }
  try {
    const ports = proxies.map(({ port }) => port)
    await announce(cluster, ports)
    const holder = cluster.nodes.indexOf(await cluster.primaryOf(KEY))
    const proxy = proxies[holder]
    if (proxy === undefined) throw new Error('No node of the cluster holds the key of the demonstration')
    const url = `redis+cluster://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`
    const sum = (name: 'connections' | 'open'): number => proxies.reduce((total, { counters }) => total + counters[name], 0)
    return {
      description: `a cluster of ${ports.length} at ${url}; what breaks is the shard of "greeting", at ${ports[holder]}`,
      env: { REDIS_URL: url },
      breaker: {
        get fault() {
          return proxy.fault
        },
        get counters() {
          return { ...proxy.counters, connections: sum('connections'), open: sum('open') }
        },
        set: (fault, dose) => proxy.set(fault, dose),
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Has each node go by the port of its proxy, and waits until all of them say so. */
async function announce({ nodes }: LocalCluster, ports: readonly number[]): Promise<void> {
  await Promise.all(nodes.map((node, index) => node.ask(['CONFIG', 'SET', 'cluster-announce-port', String(ports[index])])))
  const isTold = async (): Promise<boolean> => {
    const maps = await Promise.all(nodes.map((node) => node.ask(['CLUSTER', 'SLOTS'])))
    // A range is [first slot, last slot, [host, port, …]].
    return maps.every(([ranges]) => (ranges as readonly [number, number, [string, number]][]).every(([, , [, port]]) => ports.includes(port)))
  }
  while (!(await isTold())) await new Promise((resolve) => setTimeout(resolve, 20))
}
