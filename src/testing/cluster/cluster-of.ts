import { keySlot } from '../../transport/cluster/key-slot.ts'
import type { Reply } from '../../transport/transport.ts'
import { checkOneOf } from '../check-values.ts'
import type { LocalServer } from '../redis/start-server.ts'
import { untilReady } from '../redis/until-ready.ts'
import type { PlannedNode } from './nodes-conf.ts'

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

/** ms after which a replica is asked once more to take its primary's place. */
const FAILOVER_AGAIN = 2_000

/**
 * A cluster of servers that run.
 *
 * @param plan what each of them is, in the same order
 * @param stopAll ends them
 * @param ca PEM, with TLS
 */
export function clusterOf(
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
