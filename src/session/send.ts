import { CacheError } from '../errors.ts'
import { type Batch, joinBatch } from './batch.ts'
import { nodesOptions, sendBatch, sendToNode } from './pipeline.ts'
import { begin, enter, leave, type Request, type Session } from './session.ts'
import { waitFor } from './wait.ts'
import type { BatchReply, NodesConnection } from '../transport/nodes.ts'
import type { Command, Reply } from '../transport/transport.ts'

/** What one address is called among nodes: nothing. */
const ONE_NODE: readonly string[] = ['']

/** The key that a command names. Where it names several, they share a slot. */
type KeyOf = (command: Command) => string | undefined

/**
 * The hot path for one command with the cache's timeout: push it to the batch's commands and await the batch's replies. The
 * session stays open until they are there; no `enter` and `leave`.
 *
 * @param key tells the node that the command goes to. With one address there is one node, and so one batch a turn
 * @returns undefined where the session has a signal or is closed: use {@link send} then
 */
export function batchOf(session: Session, key: string): Batch | undefined {
  if (session.bounds.signal !== undefined || session.closing !== undefined) return undefined
  const { nodes } = session.connection
  const joined = join(session, session.options.timeout, false, nodes?.nodeOf(key))
  if (!joined.isHeld) {
    joined.isHeld = true
    joined.waiting += 1
    begin(session)
    void (nodes === undefined ? joined.replies : joined.replies.then(settled)).then(() => leave(session))
  }
  return joined
}

/** The batch that is being gathered for a key's node, where there is one. */
export function pendingBatch({ batch, batches, connection: { nodes } }: Session, key: string): Batch | undefined {
  return nodes === undefined ? batch : batches?.get(nodes.nodeOf(key))?.batch
}

/**
 * Every node that holds keys of its own: the primaries of a cluster, as it says now. With one address there is one, without a name.
 * Never rejects.
 */
export function primariesOf(session: Session, request: Request = {}): readonly string[] | Promise<readonly string[] | CacheError> {
  const { nodes } = session.connection
  return nodes === undefined ? ONE_NODE : askPrimaries(session, nodes, request)
}

async function askPrimaries(session: Session, nodes: NodesConnection, request: Request): Promise<readonly string[] | CacheError> {
  const refusal = enter(session, request.isBegun)
  if (refusal !== undefined) return refusal
  const asker = { waiting: 1 }
  try {
    const { load, now, timeout } = session.options
    const failure = await load()
    if (failure !== undefined) return failure
    const options = nodesOptions(session, request.timeout ?? timeout, request.ignoresCooldown ?? false, asker)
    if (options instanceof CacheError) return options
    const signals = [session.bounds.signal, request.signal].filter((one) => one !== undefined)
    const asked = nodes.primaries(options)
    return signals.length === 0 ? await asked : await waitFor(asked, { signals, wait: undefined, load, now, suspect: () => {} })
  } finally {
    asker.waiting = 0
    leave(session)
  }
}

/**
 * Sends commands as one operation, with whatever else this turn asks for. Never rejects.
 *
 * @param keyOf the key that tells the node a command goes to. Default: the request tells it
 * @returns one reply a command
 */
export async function send(session: Session, commands: readonly Command[], keyOf?: KeyOf, request?: Request): Promise<readonly Reply[]> {
  const refusal = enter(session, request?.isBegun)
  if (refusal !== undefined) return commands.map(() => refusal)
  const { nodes } = session.connection
  try {
    return await (nodes === undefined ? requestAll(session, commands, request) : requestByNode(session, nodes, commands, keyOf, request))
  } finally {
    leave(session)
  }
}

async function requestAll(session: Session, commands: readonly Command[], call: Request = {}, node?: string): Promise<readonly Reply[]> {
  const { timeout, load, now } = session.options
  const { signal } = session.bounds
  const { nodes, suspect } = session.connection
  const wait = call.timeout ?? timeout
  // The batch would go on for as long as the cache's timeout, and dial, with nobody waiting for it.
  if (wait <= 0) return commands.map(nothingLeft)
  // A shorter timeout ends this call's wait only; the batch keeps the cache's.
  const joined = join(session, Math.max(wait, timeout), call.ignoresCooldown ?? false, node)
  const from = joined.commands.length
  // One by one: `push(...commands)` fails above some 100,000 arguments.
  for (const command of commands) joined.commands.push(command)
  if (call.isReplicable === true) for (let at = from; at < joined.commands.length; at += 1) joined.replicable?.add(at)
  joined.waiting += 1
  const isPlain = wait >= timeout && call.signal === undefined && signal === undefined
  const own = (replies: readonly BatchReply[]): readonly BatchReply[] =>
    from === 0 && replies.length === commands.length ? replies : replies.slice(from, from + commands.length)
  if (isPlain) return settled(own(await joined.replies))
  const signals = [signal, call.signal].filter((one) => one !== undefined)
  const endAt = now() + wait
  const bounded = <Value>(promise: Promise<Value>, left: number): Promise<Value | CacheError> =>
    waitFor(promise, {
      signals,
      wait: wait < timeout ? left : undefined,
      load,
      now,
      suspect: nodes === undefined ? suspect : (waited) => nodes.suspect(waited, node ?? ''),
    })
  try {
    const replies = await bounded(joined.replies.then(own), wait)
    if (replies instanceof CacheError) return commands.map(() => replies)
    // What went on to another node is waited for one by one: what that node keeps back is no loss to the others.
    return await settled(replies.map((reply) => (reply instanceof Promise ? bounded(reply, Math.max(0, endAt - now())) : reply)))
  } finally {
    joined.waiting -= 1
  }
}

/** Commands for many nodes: those of each go together, and none waits for the node of another. */
async function requestByNode(
  session: Session,
  nodes: NodesConnection,
  commands: readonly Command[],
  keyOf?: KeyOf,
  request?: Request,
): Promise<readonly Reply[]> {
  const groups = new Map<string, number[]>()
  for (const [index, command] of commands.entries()) {
    const key = keyOf?.(command)
    const node = request?.node ?? (key === undefined ? '' : nodes.nodeOf(key))
    const places = groups.get(node)
    if (places === undefined) groups.set(node, [index])
    else places.push(index)
  }
  const replies: Reply[] = commands.map(() => null)
  const ask = async ([node, places]: readonly [string, readonly number[]]): Promise<void> => {
    const part = places.map((index) => commands[index] ?? [])
    const own = await requestAll(session, part, request, node)
    for (const [position, index] of places.entries()) replies[index] = own[position] ?? null
  }
  await Promise.all([...groups].map(ask))
  return replies
}

/** A later round trip of an operation whose time is over. */
function nothingLeft(): CacheError {
  return new CacheError('timeout', 'The time was over before it could be asked', { phase: 'command' })
}

/** A promise only where a command was redirected. */
function settled(replies: readonly BatchReply[]): readonly Reply[] | Promise<readonly Reply[]> {
  return replies.every(isReply) ? replies : Promise.all(replies.map(async (reply) => reply))
}

function isReply(reply: BatchReply): reply is Reply {
  return !(reply instanceof Promise)
}

/** @param node of many; undefined with one address */
function join(session: Session, timeout: number, ignoresCooldown: boolean, node: string | undefined): Batch {
  const { nodes } = session.connection
  if (nodes === undefined || node === undefined) return joinBatch(session, timeout, ignoresCooldown, sendBatch)
  session.batches ??= new Map()
  const pending = session.batches.get(node) ?? { batch: undefined }
  session.batches.set(node, pending)
  const batch: Batch = joinBatch(pending, timeout, ignoresCooldown, (_, own) => sendToNode(session, nodes, node, own))
  if (nodes.readsReplicas) batch.replicable ??= new Set()
  return batch
}
