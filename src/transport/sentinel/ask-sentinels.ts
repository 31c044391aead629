import type { CacheError } from '../../errors.ts'
import { inTurn, sendOptionsTo } from '../node-sending.ts'
import type { NodeConnection, NodesHost, NodesSendOptions } from '../nodes.ts'
import { learnFrom, questions, type Watched } from './watched.ts'

/** What the sentinels are asked over. */
export interface Sentinels {
  readonly watched: Watched
  readonly host: NodesHost
  sentinel(name: string): NodeConnection
}

/**
 * Asks the sentinels who the primary is, one after the other.
 *
 * @returns undefined where one of them named it; else the first cause. What is not known is left as it was
 */
export async function askSentinels({ watched, host, sentinel }: Sentinels, options: NodesSendOptions): Promise<CacheError | undefined> {
  let cause: CacheError | undefined
  for (const [name, own] of inTurn(watched.sentinels, host, options)) {
    const replies = await sentinel(name).send(questions(watched), sendOptionsTo(host, name, own))
    const failure = learnFrom(watched, name, replies)
    if (failure === undefined) return undefined
    cause ??= failure
  }
  return cause ?? host.refusal()
}
