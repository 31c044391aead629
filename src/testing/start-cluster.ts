import { keySlot } from '../transport/cluster/key-slot.ts'
import type { Reply } from '../transport/transport.ts'
import { checkArguments, checkCount, checkOneOf, checkOptions, checkPassword } from './check-values.ts'
import { nodesConf, type PlannedNode, planNodes } from './cluster/nodes-conf.ts'
import { lowPorts } from './low-ports.ts'
import { findRedisServer, type LocalServer, startServer } from './redis/start-server.ts'
import { untilReady } from './redis/until-ready.ts'
import { throwawayCertificate } from './throwaway-certificate.ts'

/** What `startCluster` takes. Everything has a default. */
export interface StartClusterOptions {
  /** Nodes that hold slots, dealt evenly. Redis wants three for a failover. Default: 3. */
  readonly primaries?: number
  /** Replicas of each primary. Default: 1. */
  readonly replicas?: number
  /** Asked of the default user, on every node. Default: none. */
  readonly password?: string
  /** Every node speaks TLS only and goes by the name `localhost`; trust them through `ca`. Needs the optional package `selfsigned`. Default: false. */
  readonly tls?: boolean
  /** ms after which the nodes take one of them for dead. Default: 1,000. */
  readonly nodeTimeout?: number
  /** Further arguments of each redis-server. Default: none. */
  readonly args?: readonly string[]
}

/** One node of a {@link LocalCluster}. */
export interface LocalClusterNode extends Omit<LocalServer, 'stop'> {
  /** As `CLUSTER MYID` says. */
  readonly id: string
  /** What it was when the cluster started. */
  readonly role: 'primary' | 'replica'
}

/** A Redis Cluster of one's own on loopback. */
export interface LocalCluster {
  /** `redis+cluster://` or `rediss+cluster://`, with the password and all primaries as seeds. */
  readonly url: string
  /** Primaries first. */
  readonly nodes: readonly LocalClusterNode[]
  /** PEM of the certificate to trust, where `tls` was asked for. */
  readonly ca?: string
  /** The primary that holds a key now, as the nodes that live see it. */
  primaryOf(key: string): Promise<LocalClusterNode>
  /** Its replicas now. */
  replicasOf(key: string): Promise<readonly LocalClusterNode[]>
  /**
   * Makes a replica of the key's primary take its place.
   *
   * @param how without a loss, by both of them (default); by force, where the primary does not answer
   * @returns the new primary, once every node that lives knows it
   */
  failover(key: string, how?: 'planned' | 'takeover'): Promise<LocalClusterNode>
  /** Resolves when every node that was not killed says that all slots are served. */
  untilUp(): Promise<void>
  /** Ends all nodes, those that were paused or killed too, and removes their files. May be called again. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Far more than one machine runs. */
const MOST_NODES = 1_000
/** ms after which a replica is asked once more to take its primary's place. */
const FAILOVER_AGAIN = 2_000
/** How often ports are picked anew, where another process took one of them first. */
const PORT_ATTEMPTS = 5

/**
 * Starts a Redis Cluster for a test: real `redis-server` processes on ports of loopback below 32,768, empty, without persistence. It is up
 * after two to three seconds, since a primary waits for two before it takes writes: start one a file, not one a test. It ends with `stop()`, and
 * by itself when this process ends in any way. It does not keep this process alive.
 *
 * @param options how many nodes, password, TLS
 * @throws TypeError or RangeError for an option that is unknown or cannot be used; Error where there is no redis-server, or it is not up within 20 seconds
 * @example
 * ```ts
 * import { createCache } from 'fastmiss'
 * import { startCluster } from 'fastmiss/testing'
 *
 * await using cluster = await startCluster()
 * const cache = createCache({ url: cluster.url })
 * const primary = await cluster.primaryOf('greeting')
 * primary.pause()
 * console.log((await cache.lookup('greeting')).status) // degraded; keys of the other primaries are not
 * ```
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<LocalCluster> {
  checkOptions(options, ['primaries', 'replicas', 'password', 'tls', 'nodeTimeout', 'args'])
  checkCount('primaries', options.primaries, 1, MOST_NODES)
  checkCount('replicas', options.replicas, 0, MOST_NODES)
  checkPassword('password', options.password)
  checkCount('nodeTimeout', options.nodeTimeout, 1)
  checkArguments(options.args)
  const { primaries = 3, replicas = 1 } = options
  const program = await findRedisServer()
  for (let attempt = 1; ; attempt += 1) {
    const plan = planNodes(await lowPorts(primaries * (1 + replicas)), primaries)
    try {
      return await startNodes(program, plan, options)
    } catch (error) {
      const isTaken = error instanceof Error && /Address already in use|Failed listening/.test(error.message)
      if (!isTaken || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

async function startNodes(program: string, plan: readonly PlannedNode[], options: StartClusterOptions): Promise<LocalCluster> {
  const { password, tls = false, nodeTimeout = 1_000, args = [] } = options
  const certificate = tls ? await throwawayCertificate() : undefined
  const own = [
    ['cluster-enabled', 'yes'],
    ['cluster-config-file', 'nodes.conf'],
    ['cluster-node-timeout', String(nodeTimeout)],
    // However long a replica has been without its primary, it may follow it.
    ['cluster-replica-validity-factor', '0'],
    ['repl-ping-replica-period', '1'],
    ['repl-diskless-sync-delay', '0'],
    ...(password === undefined ? [] : [['masterauth', password]]),
    ...(tls
      ? [
          ['tls-cluster', 'yes'],
          ['tls-replication', 'yes'],
          ['cluster-preferred-endpoint-type', 'hostname'],
          ['cluster-announce-hostname', 'localhost'],
        ]
      : []),
  ]
  const settings = {
    password,
    tls,
    unixSocket: false,
    maxclients: undefined,
    args: [...own.flatMap(([name = '', value = '']) => [`--${name}`, value]), ...args],
    ...(certificate === undefined ? {} : { certificate }),
  }
  const started = await Promise.allSettled(
    plan.map(({ id, port }) => {
      const conf = nodesConf(plan, id, '127.0.0.1', tls ? 'localhost' : undefined)
      return startServer(program, port, settings, new Map([['nodes.conf', conf]]))
    }),
  )
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const stopAll = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.stop())))
  try {
    const failed = started.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    const cluster = clusterOf(plan, servers, stopAll, certificate?.ca)
    await cluster.untilUp()
    return cluster
  } catch (error) {
    await stopAll()
    throw error
  }
}

function clusterOf(
  plan: readonly PlannedNode[],
  servers: readonly LocalServer[],
  stopAll: () => Promise<void>,
  ca: string | undefined,
): LocalCluster {
  const dead = new Set<LocalServer>()
  const nodes = servers.map((server, index): LocalClusterNode => {
    const { stop: _stop, ...rest } = server
    return {
      ...rest,
      id: plan[index]?.id ?? '',
      role: plan[index]?.primary === undefined ? 'primary' : 'replica',
      kill: async () => {
        dead.add(server)
        await server.kill()
      },
      pause: () => {
        server.pause()
        dead.add(server)
      },
      resume: () => {
        server.resume()
        dead.delete(server)
      },
      restart: async () => {
        await server.restart()
        dead.delete(server)
      },
    }
  })
  const living = (): LocalClusterNode[] => nodes.filter((_, index) => !dead.has(servers[index] as LocalServer))

  async function untilUp(): Promise<void> {
    await untilReady('every node of the cluster says that all slots are served', async () => {
      const states = await Promise.all(living().map((node) => node.ask(['CLUSTER', 'INFO'], ['INFO', 'replication'])))
      return states.every(
        ([info, replication]) => String(info).includes('cluster_state:ok') && !String(replication).includes('master_link_status:down'),
      )
    })
  }

  /** Nodes of the key's slot as one of the living sees it, the primary first. */
  async function holders(key: string, asked = living()[0]): Promise<LocalClusterNode[]> {
    if (asked === undefined) throw nobodyLeft()
    const slot = keySlot(key)
    const [ranges] = await asked.ask(['CLUSTER', 'SLOTS'])
    const range = (ranges as readonly (readonly Reply[])[]).find(([from, to]) => slot >= Number(from) && slot <= Number(to)) ?? []
    const ids = range.slice(2).map((entry) => String((entry as readonly Reply[])[2]))
    return ids.flatMap((id) => nodes.filter((node) => node.id === id))
  }

  async function primaryOf(key: string): Promise<LocalClusterNode> {
    const [primary] = await holders(key)
    if (primary === undefined) throw new Error('No node of the cluster holds the slot of this key')
    return primary
  }

  async function replicasOf(key: string): Promise<readonly LocalClusterNode[]> {
    return (await holders(key)).slice(1)
  }

  async function failover(key: string, how: 'planned' | 'takeover' = 'planned'): Promise<LocalClusterNode> {
    checkOneOf('failover', how, ['planned', 'takeover'])
    // Nobody is left who could change that.
    if (living().length === 0) throw nobodyLeft()
    let next: LocalClusterNode | undefined
    // After another failover the nodes hear only by and by of who is whose replica.
    await untilReady('a replica of this primary lives', async () => {
      next = (await replicasOf(key)).find((node) => living().includes(node))
      return next !== undefined
    })
    if (next === undefined) throw new Error('failover: no replica of this primary lives')
    const chosen = next
    let askedAt = -Infinity
    await untilReady('every node knows the new primary', async () => {
      // One that is not in step with its primary refuses, or gives up after five seconds: it is asked again.
      if (performance.now() - askedAt > FAILOVER_AGAIN && (await holders(key, chosen))[0] !== chosen) {
        askedAt = performance.now()
        await chosen.ask(how === 'planned' ? ['CLUSTER', 'FAILOVER'] : ['CLUSTER', 'FAILOVER', 'TAKEOVER'])
      }
      const primaries = await Promise.all(living().map(async (node) => (await holders(key, node))[0]))
      return primaries.every((node) => node === chosen)
    })
    return chosen
  }

  const [first] = nodes
  const seeds = nodes.filter(({ role }) => role === 'primary').map(({ host, port }) => `${host}:${port}`)
  const credentials = /^rediss?:\/\/([^@/]*@)?/.exec(first?.url ?? '')?.[1] ?? ''
  return {
    url: `${ca === undefined ? 'redis' : 'rediss'}+cluster://${credentials}${seeds.join(',')}`,
    nodes,
    ...(ca === undefined ? {} : { ca }),
    primaryOf,
    replicasOf,
    failover,
    untilUp,
    stop: stopAll,
    [Symbol.asyncDispose]: stopAll,
  }
}

function nobodyLeft(): Error {
  return new Error('No node of the cluster is left: all were killed or paused')
}
