import { CacheError } from '../../errors.ts'
import type { NodesSendOptions } from '../nodes.ts'
import { hasTime, isOut, sendOptionsTo } from '../node-sending.ts'
import type { NodesInUse } from './nodes-in-use.ts'
import { SLOTS_COMMAND } from './topology.ts'

/**
 * Asks a node for the map of slots: one that lives, over a connection that is open where there is one. Those who ask at the same time
 * share the question.
 *
 * @param except a node that is not to be asked: it is the one in doubt
 * @returns whether there is a new map; or why there was no answer
 */
export async function refresh(nodes: NodesInUse, except: string, options: NodesSendOptions, share = 1): Promise<boolean | CacheError> {
  const { refreshing, host } = nodes
  if (!hasTime(host, options)) return false
  const at = host.now()
  const deadlineAt = at + (options.deadlineAt - at) * share
  if (refreshing !== undefined && refreshing.deadlineAt <= deadlineAt) {
    await refreshing.done
    return true
  }
  const via = livingNode(nodes, except, options)
  if (via === undefined) return false
  const done = ask(nodes, via, options, deadlineAt)
  const own = { deadlineAt, done }
  nodes.refreshing = own
  const outcome = await done
  if (nodes.refreshing === own) nodes.refreshing = undefined
  return outcome
}

/** A node that is not known to be out, one with an open connection first; undefined where there is none. */
export function livingNode(nodes: NodesInUse, except: string, options: NodesSendOptions): string | undefined {
  const { topology, host, lines } = nodes
  const names = [...new Set([...topology.primaries(), ...topology.nodes(), ...topology.seeds])].filter(
    (name) => name !== except && !isOut(host, name, options),
  )
  return names.find((name) => lines.get(name)?.holdsSocket() === true) ?? names[0]
}

async function ask(nodes: NodesInUse, via: string, options: NodesSendOptions, deadlineAt: number): Promise<boolean | CacheError> {
  const [reply = null] = await nodes.lineTo(via).send([SLOTS_COMMAND], sendOptionsTo(nodes.host, via, options, deadlineAt))
  if (learn(nodes, reply, via)) return true
  return reply instanceof CacheError && reply.isFatal ? reply : false
}

/** Takes a reply to `CLUSTER SLOTS`, and lets go of nodes that are no more. */
export function learn(nodes: NodesInUse, reply: Parameters<NodesInUse['topology']['learn']>[0], via: string): boolean {
  const { topology, host, lines } = nodes
  if (!topology.learn(reply, via)) return false
  const names = new Set([...topology.nodes(), ...topology.seeds])
  host.keepOnly(names)
  for (const [name, line] of lines) {
    if (names.has(name)) continue
    lines.delete(name)
    void line.finish()
  }
  return true
}
