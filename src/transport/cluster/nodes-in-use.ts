import type { NodeConnection, NodesHost } from '../nodes.ts'
import type { Topology } from './topology.ts'

/** The connections of one invocation, or of all where they are kept, and what they have in common. */
export interface NodesInUse {
  readonly topology: Topology
  readonly host: NodesHost
  /** The connection to a node; not dialled where it is new. */
  lineTo(name: string): NodeConnection
  /** Those that there are, by name. */
  readonly lines: Map<string, NodeConnection>
  /** A question for the map under way: whoever needs the answer waits for the same one. */
  refreshing: { readonly deadlineAt: number; readonly done: Promise<unknown> } | undefined
}

/** @returns connections, none of them dialled */
export function createNodesInUse(topology: Topology, host: NodesHost): NodesInUse {
  const lines = new Map<string, NodeConnection>()
  function lineTo(name: string): NodeConnection {
    const known = lines.get(name)
    if (known !== undefined) return known
    const made = host.open(name, topology.transportTo(name))
    lines.set(name, made)
    return made
  }
  return { topology, host, lines, lineTo, refreshing: undefined }
}
