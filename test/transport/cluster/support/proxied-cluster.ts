import { type CacheEvent, type CacheOptions, createCache } from 'fastmiss'
import { type FaultProxy, faultProxy, type LocalCluster, startCluster, type StartClusterOptions } from 'fastmiss/testing'

/** A cluster with a fault proxy before each node, through which a cache reaches it. */
export interface ProxiedCluster extends AsyncDisposable {
  readonly cluster: LocalCluster
  /** By the node's own name, `host:port`. */
  readonly proxies: ReadonlyMap<string, FaultProxy>
  /** For `createCache`: reaches each node through its proxy. */
  readonly nodeAddress: (announced: string) => string | undefined
  /** The proxy before the primary of a stored key. */
  proxyOf(storedKey: string): Promise<FaultProxy>
  /** Connections to all nodes since the start, and open ones. */
  count(): { readonly dials: number; readonly open: number }
  /** A cache over it, with what `onEvent` was told. */
  cache(options?: CacheOptions): ReturnType<typeof createCache> & { readonly told: CacheEvent[] }
  /** All nodes answer again. */
  heal(): Promise<void>
}

export async function startProxied(options?: StartClusterOptions): Promise<ProxiedCluster> {
  const cluster = await startCluster(options)
  const made = await Promise.all(
    cluster.nodes.map(async ({ host, port }) => [`${host}:${port}`, await faultProxy({ target: `redis://127.0.0.1:${port}` })] as const),
  )
  const proxies = new Map<string, FaultProxy>(made)
  const nodeAddress = (announced: string): string | undefined => {
    const proxy = proxies.get(announced)
    return proxy && `127.0.0.1:${proxy.port}`
  }
  const all = [...proxies.values()]
  return {
    cluster,
    proxies,
    nodeAddress,
    async proxyOf(storedKey) {
      const { host, port } = await cluster.primaryOf(storedKey)
      const proxy = proxies.get(`${host}:${port}`)
      if (proxy === undefined) throw new Error('There is no proxy before this node')
      return proxy
    },
    count: () => ({
      dials: all.reduce((sum, { counters }) => sum + counters.connections, 0),
      open: all.reduce((sum, { counters }) => sum + counters.open, 0),
    }),
    cache(given = {}) {
      const told: CacheEvent[] = []
      const own = createCache({ url: cluster.url, namespace: 'app', nodeAddress, onEvent: (event) => void told.push(event), ...given })
      return Object.assign(own, { told })
    },
    async heal() {
      await Promise.all(all.map((proxy) => proxy.set('healthy')))
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((proxy) => proxy.stop()))
      await cluster.stop()
    },
  }
}

/** Public keys, so many for each primary, grouped by it. */
export async function keysByNode(cluster: LocalCluster, perNode: number): Promise<readonly (readonly string[])[]> {
  const groups = new Map<number, string[]>()
  for (let at = 0; [...groups.values()].filter(({ length }) => length >= perNode).length < 3; at += 1) {
    const { port } = await cluster.primaryOf(`app::k${at}`)
    const group = groups.get(port) ?? []
    groups.set(port, group)
    if (group.length < perNode) group.push(`k${at}`)
  }
  return [...groups.values()]
}

/** What something takes, in ms. */
export async function timed<Value>(run: () => Promise<Value>): Promise<{ readonly value: Value; readonly ms: number }> {
  const startedAt = performance.now()
  const value = await run()
  return { value, ms: performance.now() - startedAt }
}

/** The fastest of several: a machine is not busy all the time. */
export async function fastest(times: number, run: () => Promise<unknown>): Promise<number> {
  const all: number[] = []
  for (let at = 0; at < times; at += 1) all.push((await timed(run)).ms)
  return Math.min(...all)
}
