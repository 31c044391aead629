import { CacheError } from '../../errors.ts'
import type { NodesHost, NodesConnection } from '../nodes.ts'
import { startBlind } from './blind-start.ts'
import { exchange } from './exchange.ts'
import { createNodesInUse } from './nodes-in-use.ts'
import { refresh } from './refresh.ts'
import type { Topology } from './topology.ts'

/** The connections of one invocation to a cluster; or of all of them, where connections are kept. */
export function createClusterConnection(topology: Topology, host: NodesHost): NodesConnection {
  const nodes = createNodesInUse(topology, host)
  const { lines } = nodes

  return {
    readsReplicas: topology.readsReplicas,
    nodeOf: (key) => topology.shardOf(key)?.primary ?? '',
    send: (node, commands, options) => {
      const ask = { commands, options, hop: 0 }
      return node === '' ? startBlind(nodes, ask) : exchange(nodes, node, ask)
    },
    async primaries(options) {
      if (topology.isKnown()) {
        const outcome = await refresh(nodes, '', options)
        // Nobody could be asked: what is known is all there is, and each node tells for itself whether it is out.
        if (outcome instanceof CacheError && topology.primaries().length === 0) return outcome
        return topology.primaries()
      }
      const [asked = null] = await startBlind(nodes, { commands: [['PING']], options, hop: 0 })
      const reply = await asked
      // Another request has claimed the question, and its answer is not here yet.
      if (!topology.isKnown() && !topology.isSingle() && !(reply instanceof CacheError)) await refresh(nodes, '', options)
      // A PING that is refused to this user says nothing of the map that came with it.
      if (topology.isKnown()) return topology.primaries()
      if (topology.isSingle()) return topology.seeds.slice(0, 1)
      // Those that MOVED has named may not be all: nobody can say of all nodes what is true of some.
      return reply instanceof CacheError ? reply : new CacheError('reply', 'No node told which nodes there are: CLUSTER SLOTS was refused')
    },
    suspect: (waited, node) => lines.get(node)?.suspect(waited),
    holdsSocket: () => [...lines.values()].some((line) => line.holdsSocket()),
    close() {
      for (const line of lines.values()) line.close()
      lines.clear()
    },
    async finish() {
      const leaving = [...lines.values()]
      lines.clear()
      await Promise.all(leaving.map((line) => line.finish()))
    },
  }
}
