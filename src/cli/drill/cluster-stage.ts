import { randomBytes } from 'node:crypto'
import { createKeys } from '../../entry/keys.ts'
import { createCache } from '../../index.ts'
import { faultProxy } from '../../testing/fault-proxy.ts'
import type { LocalCluster, LocalClusterNode } from '../../testing/cluster/cluster-of.ts'
import { startCluster } from '../../testing/start-cluster.ts'
import { CommandFailed } from '../command-failed.ts'
import type { ShardKeys } from './application-port.ts'
import { createEndings } from './endings.ts'
import { openAt } from './open-at.ts'
import { pastFaults } from './past-faults.ts'
import { DIRECT_TIMEOUT, type Stage } from './stage.ts'

const SHOWN = 'a cluster of three redis-servers of its own, of which one breaks'

/**
 * A cluster of three primaries, each behind a proxy. Faults are made at the first; each request asks all three for keys of their own.
 *
 * @throws CommandFailed where there is no redis-server
 */
export async function setClusterStage(): Promise<Stage> {
  const closing = createEndings()
  try {
    const cluster = closing.use(await start())
    const [broken, ...spared] = cluster.nodes
    if (broken === undefined) throw new CommandFailed('The cluster has no nodes')
    // The others are reached as they are: a proxy that makes a fault is busy, and would hold up theirs.
    const proxy = closing.use(await faultProxy({ target: broken.url }))
    const namespace = `fastmiss-drill-${randomBytes(6).toString('hex')}`
    const direct = createCache({ url: cluster.url, namespace, timeout: DIRECT_TIMEOUT, cooldown: 0, maxCooldown: 0 })
    const keys = await Promise.all(cluster.nodes.map((node) => keysOf(cluster, node.id, namespace)))
    return {
      wire: 'tcp',
      shown: SHOWN,
      endpoint: {
        url: cluster.url,
        namespace,
        keys,
        nodeAddress: { [`${broken.host}:${broken.port}`]: `127.0.0.1:${proxy.port}` },
      },
      ports: [proxy.port, ...spared.map(({ port }) => port)],
      ...pastFaults(direct, keys, SHOWN),
      begin: async (fault) => {
        if (fault.at === 'proxy') await proxy.set(fault.name, fault.dose)
      },
      mend: () => proxy.set('healthy'),
      open: async () => (await Promise.all([openAt(proxy), ...spared.map(clientsOf)])).reduce((sum, count) => sum + count, 0),
      [Symbol.asyncDispose]: () => closing.close(),
    }
  } catch (error) {
    await closing.close()
    throw error
  }
}

/** Public keys that lie at one node. */
async function keysOf(cluster: LocalCluster, id: string, namespace: string): Promise<ShardKeys> {
  const stored = createKeys(namespace)
  const [present, absent, written] = await Promise.all(
    ['present', 'absent', 'written'].map(async (name) => {
      for (let attempt = 0; ; attempt += 1) {
        const key = `${name}-${attempt}`
        if ((await cluster.primaryOf(stored.public(key))).id === id) return key
      }
    }),
  )
  return { present: present ?? '', absent: absent ?? '', written: written ?? '' }
}

/** Clients of a node beside the one that asks. Nodes are none of each other's. */
async function clientsOf(node: LocalClusterNode): Promise<number> {
  const [clients] = await node.ask(['CLIENT', 'LIST'])
  return String(clients).trim().split('\n').length - 1
}

async function start(): Promise<LocalCluster> {
  try {
    // A dead shard is to cost its own keys alone.
    return await startCluster({ replicas: 0, args: ['--cluster-require-full-coverage', 'no'] })
  } catch (error) {
    throw new CommandFailed(error instanceof Error ? error.message : 'The cluster did not start')
  }
}
