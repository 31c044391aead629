import { CacheError } from '../../errors.ts'
import type { BatchReply } from '../nodes.ts'
import { readRedirect } from '../redirect.ts'
import type { Command, Reply } from '../transport.ts'
import { type Ask, Groups } from '../ask.ts'
import { askReplicas } from '../ask-replicas.ts'
import { halfTime, hasTime, isKeyless, isOut, sendOptionsTo } from '../node-sending.ts'
import type { NodesInUse } from './nodes-in-use.ts'
import { learn, livingNode, refresh } from './refresh.ts'
import { addressOf, nodeName } from '../node-name.ts'
import { SLOTS_COMMAND } from './topology.ts'

/** How often a command is sent on before its last reply is the answer. */
const MAX_REDIRECTIONS = 3
/** Redis's words that the map is not what it was, with nothing said of where to go. */
const SHIFTING: ReadonlySet<string | undefined> = new Set(['CLUSTERDOWN', 'READONLY', 'MASTERDOWN', 'TRYAGAIN'])

/** They are about the node itself: what it cannot answer no other node can. */
const NAMES_NO_KEY: ReadonlySet<string | undefined> = new Set(['SCAN', 'PING', 'INFO', 'ROLE', 'CLUSTER'])

/** Sends a pipeline to a node, and follows what comes back. @returns one slot a command, once this node has answered */
export async function exchange(nodes: NodesInUse, name: string, ask: Ask): Promise<readonly BatchReply[]> {
  const { topology, host } = nodes
  const { commands, options } = ask
  if (isOut(nodes.host, name, options)) return mend(nodes, name, ask, commands.map(host.refusal))
  const asksForMap = topology.claim(host.now())
  const sent = pipelineOf(ask, asksForMap)
  const replies = await nodes.lineTo(name).send(sent, sendOptionsTo(host, name, options, probeDeadline(nodes, name, ask)))
  if (asksForMap) learn(nodes, replies[0], name)
  const own = sent === commands ? replies : repliesOf(ask, replies, asksForMap)
  return own.some(isTrouble) ? mend(nodes, name, ask, own) : own
}

/** Commands whose nodes are looked up now: each goes to its own. @returns promises, so that none waits for the node of another */
export function deal(nodes: NodesInUse, ask: Ask, fallback?: (commands: Ask) => Promise<readonly BatchReply[]>): readonly BatchReply[] {
  const groups = new Groups()
  for (const [index, command] of ask.commands.entries()) {
    groups.add(isKeyless(command) ? '' : (nodes.topology.shardOf(command[1] ?? '')?.primary ?? ''), index)
  }
  return groups.send(ask, (name, own) => {
    if (name !== '') return exchange(nodes, name, own)
    const any = livingNode(nodes, '', own.options)
    return any === undefined ? (fallback?.(own) ?? Promise.resolve(own.commands.map(nodes.host.refusal))) : exchange(nodes, any, own)
  })
}

/** Replaces each reply that is not the last word by a promise of that. */
export function mend(nodes: NodesInUse, name: string, ask: Ask, replies: readonly Reply[]): readonly BatchReply[] {
  const { topology } = nodes
  const slots: BatchReply[] = [...replies]
  const redirected = { MOVED: new Groups(), ASK: new Groups() }
  const lost: number[] = []
  for (const [index, reply] of replies.entries()) {
    if (!(reply instanceof CacheError)) continue
    const redirect = reply.redirect === undefined ? undefined : readRedirect(reply.redirect)
    if (redirect !== undefined) {
      const target = nodeName(redirect.host === '' ? addressOf(name).host : redirect.host, redirect.port)
      if (redirect.kind === 'MOVED') topology.move(redirect.slot, target)
      if (ask.hop < MAX_REDIRECTIONS) redirected[redirect.kind].add(target, index)
    } else if ((reply.isFatal && reply.code !== 'closed') || reply.code === 'cooldown') {
      if (NAMES_NO_KEY.has(ask.commands[index]?.[0])) topology.suspect()
      else lost.push(index)
    } else if (SHIFTING.has(reply.cause?.code)) topology.suspect()
  }
  redirected.MOVED.fill(slots, ask, (target, own) => exchange(nodes, target, own))
  redirected.ASK.fill(slots, ask, (target, own) => exchange(nodes, target, { ...own, before: ['ASKING'] }))
  if (lost.length > 0) recover(nodes, name, ask, lost, slots)
  return slots
}

/**
 * A node is out. Somebody else may hold its slots by now; else a replica may answer reads; else the cause stands.
 *
 * @param lost places of the commands without an answer
 * @param slots where the cause stands, to be replaced
 */
function recover(nodes: NodesInUse, name: string, ask: Ask, lost: readonly number[], slots: BatchReply[]): void {
  const { topology, host } = nodes
  const { options, hop } = ask
  const cause = slots[lost[0] ?? 0]
  const isFresh = cause instanceof CacheError && cause.code !== 'cooldown'
  if (isFresh) topology.suspect()
  if (hop >= MAX_REDIRECTIONS || !hasTime(nodes.host, options) || ask.first !== undefined) return
  // A failure just seen may ask at once; in its cooldown one caller a period does.
  const mayAsk = !options.ignoresCooldown && (topology.mayAskAbout(name, host.now(), host.period) || isFresh)
  const movable = lost.filter((index) => !isKeyless(ask.commands[index] ?? []))
  const readers = movable.filter((index) => options.replicable?.has(index) === true)
  if (movable.length === 0 || (!mayAsk && readers.length === 0)) return
  const asked = mayAsk ? refresh(nodes, name, options, readers.length > 0 ? 0.5 : 1) : Promise.resolve(false)
  const groups = new Groups()
  for (const index of movable) groups.add(readers.includes(index) ? 'read' : 'write', index)
  groups.fill(slots, ask, async (kind, own) => {
    await asked
    const [first] = own.commands
    const owner = topology.shardOf(first?.[1] ?? '')?.primary ?? name
    if (owner !== name) return deal(nodes, own)
    const causes = own.commands.map(() => (cause instanceof CacheError ? cause : host.refusal()))
    return kind === 'read' ? fromReplica(nodes, name, own, causes) : causes
  })
}

/** A replica that may not be read from sends back to the primary, and counts as one that failed. */
function fromReplica(nodes: NodesInUse, primary: string, ask: Ask, causes: readonly CacheError[]): Promise<readonly Reply[]> {
  const replicas = nodes.topology.shardLedBy(primary)?.replicas ?? []
  return askReplicas(replicas, nodes.host, ask.options, causes, (name, options) => exchange(nodes, name, { ...ask, options, first: ['READONLY'] }))
}

/** A primary that was out and may be silent still gets half of the time, where a replica can have the rest. */
function probeDeadline({ host, topology }: NodesInUse, name: string, { options, first }: Ask): number {
  if (!topology.readsReplicas || first !== undefined || options.replicable === undefined || !host.cooldown(name).isTripped())
    return options.deadlineAt
  return halfTime(host, options)
}

function pipelineOf({ commands, before, first }: Ask, asksForMap: boolean): readonly Command[] {
  if (!asksForMap && before === undefined && first === undefined) return commands
  const own = before === undefined ? commands : commands.flatMap((command) => [before, command])
  return [...(asksForMap ? [SLOTS_COMMAND] : []), ...(first === undefined ? [] : [first]), ...own]
}

/** The replies to the commands alone. */
function repliesOf({ before, first }: Ask, replies: readonly Reply[], asksForMap: boolean): readonly Reply[] {
  const own = replies.slice((asksForMap ? 1 : 0) + (first === undefined ? 0 : 1))
  return before === undefined ? own : own.filter((_, index) => index % 2 === 1)
}

function isTrouble(reply: Reply): boolean {
  return reply instanceof CacheError
}
