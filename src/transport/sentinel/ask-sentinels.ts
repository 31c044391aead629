import type { CacheError } from '../../errors.ts'
import { halfTime, hasTime, isOut, sendOptionsTo } from '../node-sending.ts'
import type { NodeConnection, NodesHost, NodesSendOptions } from '../nodes.ts'
import { learnFrom, questions, type Watched } from './watched.ts'

/** What the sentinels are asked over. */
export interface Sentinels {
  readonly watched: Watched
  readonly host: NodesHost
  sentinel(name: string): NodeConnection
  /** Lets go of a connection that is not needed any more: the sentinels are seldom asked. */
  leave(name: string): void
}

/**
 * Asks the sentinels who the primary is, one after the other: each gets half of the time that is left.
 *
 * @returns undefined where one of them named it; else the first cause. What is not known is left as it was
 */
export async function askSentinels({ watched, host, sentinel, leave }: Sentinels, options: NodesSendOptions): Promise<CacheError | undefined> {
  const names = watched.sentinels.filter((name) => !isOut(host, name, options))
  let cause: CacheError | undefined
  for (const [index, name] of names.entries()) {
    if (!hasTime(host, options)) break
    const deadlineAt = index === names.length - 1 ? options.deadlineAt : halfTime(host, options)
    const replies = await sentinel(name).send(questions(watched), sendOptionsTo(host, name, options, deadlineAt))
    leave(name)
    const failure = learnFrom(watched, name, replies)
    if (failure === undefined) return undefined
    cause ??= failure
  }
  return cause ?? host.refusal()
}
