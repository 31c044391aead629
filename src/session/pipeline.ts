import { CacheError } from '../errors.ts'
import type { Batch } from './batch.ts'
import type { Session } from './session.ts'
import { aborted } from './wait.ts'
import type { Asker, BatchReply, NodesConnection, NodesSendOptions } from '../transport/nodes.ts'
import type { Reply } from '../transport/transport.ts'

/** ms. A timer may fire so much too early. */
const EARLY = 1

/** Sends a batch over the session's one connection. Never rejects. */
export function sendBatch(session: Session, batch: Batch): Promise<readonly Reply[]> {
  // The driver's import does not count against the timeout: it is CPU time, which no deadline can interrupt.
  const loading = session.options.load()
  if (loading === undefined) return sendNow(session, batch)
  return loading.then((failure) => (failure === undefined ? sendNow(session, batch) : batch.commands.map(() => failure)))
}

function sendNow(session: Session, batch: Batch): Promise<readonly Reply[]> {
  const { commands, timeout, ignoresCooldown } = batch
  const { now } = session.options
  const { deadline = Infinity } = session.bounds
  const at = now()
  const refusal = refuseSending(session, at, ignoresCooldown)
  if (refusal !== undefined) return Promise.resolve(commands.map(() => refusal))
  const fullAt = at + timeout
  const isPartial = deadline < fullAt
  const { onFatal } = session
  const sent = session.connection.send(commands, { at, deadlineAt: isPartial ? deadline : fullAt, isPartial, ignoresCooldown, asker: batch, onFatal })
  if (!isPartial) return sent
  return sent.then((replies) => {
    if (now() < deadline - EARLY) return replies
    return replies.map((reply) => (isTimeout(reply) ? pastDeadline() : reply))
  })
}

/** Sends a batch to the node of many that it is for. Never rejects. */
export async function sendToNode(session: Session, nodes: NodesConnection, node: string, batch: Batch): Promise<readonly BatchReply[]> {
  const { commands, replicable, timeout, ignoresCooldown } = batch
  const loading = session.options.load()
  const failure = loading === undefined ? undefined : await loading
  if (failure !== undefined) return commands.map(() => failure)
  const options = nodesOptions(session, timeout, ignoresCooldown, batch)
  if (options instanceof CacheError) return commands.map(() => options)
  const replies = await nodes.send(node, commands, { ...options, replicable })
  if (!options.isPartial) return replies
  const { deadline = Infinity } = session.bounds
  const { now } = session.options
  const told = (reply: Reply): Reply => (isTimeout(reply) && now() >= deadline - EARLY ? pastDeadline() : reply)
  return replies.map((reply) => (reply instanceof Promise ? reply.then(told) : told(reply)))
}

/** How something is to be sent to nodes now, or why it may not be. */
export function nodesOptions(session: Session, wait: number, ignoresCooldown: boolean, asker: Asker): NodesSendOptions | CacheError {
  const { deadline = Infinity } = session.bounds
  const at = session.options.now()
  const refusal = refuseSending(session, at, ignoresCooldown)
  if (refusal !== undefined) return refusal
  const isPartial = deadline < at + wait
  return { at, deadlineAt: isPartial ? deadline : at + wait, isPartial, ignoresCooldown, asker, failures: session.failures }
}

function refuseSending({ bounds, failure, active }: Session, at: number, ignoresCooldown: boolean): CacheError | undefined {
  const { signal, deadline = Infinity } = bounds
  // Nobody waits any more. The session may have ended while the driver was loaded, and must not open a connection now.
  if (active === 0 || signal?.aborted === true) return aborted()
  if (at >= deadline) return pastDeadline()
  if (failure === undefined || ignoresCooldown) return undefined
  return new CacheError('cooldown', `The connection of this invocation failed before (${failure.code})`)
}

function isTimeout(reply: Reply): boolean {
  return reply instanceof CacheError && reply.code === 'timeout'
}

function pastDeadline(): CacheError {
  return new CacheError('deadline', "The caller's deadline has passed")
}
