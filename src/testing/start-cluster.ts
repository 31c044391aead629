import { checkArguments, checkCount, checkOptions, checkPassword } from './check-values.ts'
import { clusterOf, type LocalCluster } from './cluster/cluster-of.ts'
import { nodesConf, type PlannedNode, planNodes } from './cluster/nodes-conf.ts'
import { lowPorts } from './low-ports.ts'
import { findRedisServer, startServer } from './redis/start-server.ts'
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

/** Far more than one machine runs. */
const MOST_NODES = 1_000
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
