import { CacheError } from '../errors.ts'
import { inTurn } from './node-sending.ts'
import type { BatchReply, NodesHost, NodesSendOptions } from './nodes.ts'
import type { Reply } from './transport.ts'

/**
 * Reads from one replica after the other, until one of them answers: the first may be loading what its new primary sent.
 *
 * @param causes why the primary did not answer: what is told where no replica does
 */
export async function askReplicas(
  replicas: readonly string[],
  host: NodesHost,
  options: NodesSendOptions,
  causes: readonly CacheError[],
  ask: (name: string, own: NodesSendOptions) => Promise<readonly BatchReply[]>,
): Promise<readonly Reply[]> {
  for (const [name, own] of inTurn(replicas, host, options)) {
    const slots = await ask(name, own)
    const replies = await Promise.all(slots.map(async (slot) => slot))
    // Why a replica failed says less than why its primary is out.
    if (!replies.every(isFailure)) return replies.map((reply, at) => (isFailure(reply) ? (causes[at] ?? reply) : reply))
  }
  return causes
}

function isFailure(reply: Reply): boolean {
  return reply instanceof CacheError
}
