import { CacheError } from '../../errors.ts'
import type { NodesSendOptions, BatchReply } from '../nodes.ts'
import type { Reply } from '../transport.ts'
import type { Ask } from '../ask.ts'
import { deal, mend } from './exchange.ts'
import { halfTime, hasTime, isOut, sendOptionsTo } from '../node-sending.ts'
import type { NodesInUse } from './nodes-in-use.ts'
import { learn } from './refresh.ts'
import { MYID_COMMAND, SLOTS_COMMAND } from './topology.ts'

/** What one failure of the whole cluster is remembered under. */
const WHOLE = ''

/**
 * Sends commands although nobody knows whose they are: to one seed, behind the question for the map. What is not the seed's comes
 * back redirected, with the map already there. A seed that fails gives way to the next; each gets half of the time that is left.
 */
export async function startBlind(nodes: NodesInUse, ask: Ask): Promise<readonly BatchReply[]> {
  const { topology, host } = nodes
  const { commands, options } = ask
  if (topology.isKnown()) return deal(nodes, ask)
  const whole = host.cooldown(WHOLE)
  const before = options.ignoresCooldown ? undefined : options.failures?.get(WHOLE)
  const ticket = before === undefined ? whole.admit(options.ignoresCooldown) : undefined
  if (ticket === undefined) return commands.map(() => host.refusal())
  const seeds = topology.seeds.filter((seed) => !isOut(host, seed, options))
  let cause: CacheError | undefined
  for (const [index, seed] of seeds.entries()) {
    if (!hasTime(host, options)) break
    // Named twice, or by two names: what failed a moment ago is not tried again.
    if (isOut(host, seed, options)) continue
    const replies = await askSeed(nodes, seed, ask, index === seeds.length - 1)
    const failure = replies.find(isFailure)
    if (failure === undefined) {
      if (whole.recover(ticket)) host.emit?.({ type: 'recovered' })
      return replies.some(isError) ? mend(nodes, seed, ask, replies) : replies
    }
    if (failure.isFatal) cause ??= failure
  }
  if (cause === undefined) return commands.map(() => host.refusal())
  remember(nodes, ticket, cause, options)
  const told = cause
  return commands.map(() => told)
}

async function askSeed(nodes: NodesInUse, seed: string, { commands, options }: Ask, isLast: boolean): Promise<readonly Reply[]> {
  const { topology, host } = nodes
  const deadlineAt = isLast ? options.deadlineAt : halfTime(host, options)
  const asksForMap = topology.claim(host.now())
  const sent = asksForMap ? [SLOTS_COMMAND, MYID_COMMAND, ...commands] : commands
  const line = nodes.lineTo(seed)
  const replies = await line.send(sent, sendOptionsTo(host, seed, options, deadlineAt))
  if (!asksForMap) return replies
  const [slots, id, ...own] = replies
  if (learn(nodes, slots, seed)) {
    const name = topology.nameOf(id)
    if (name !== undefined && name !== seed) {
      // One connection serves both names, and one outage is not paid for twice.
      nodes.lines.set(name, line)
      host.isSameNode(name, seed)
    }
  }
  // With nothing else to send, the question itself tells whether the seed lives.
  return own.length === 0 && slots instanceof CacheError && slots.isFatal ? [slots] : own
}

function remember({ host }: NodesInUse, ticket: number, cause: CacheError, options: NodesSendOptions): void {
  options.failures?.set(WHOLE, cause)
  if (!cause.isOutage) return
  const whole = host.cooldown(WHOLE)
  const waited = host.now() - options.at
  const span = options.isPartial && cause.code === 'timeout' ? whole.suspect(ticket, waited) : whole.trip(ticket)
  if (span !== undefined) host.emit?.({ type: 'cooldown', reason: cause.code, ms: span })
}

function isError(reply: Reply): boolean {
  return reply instanceof CacheError
}

/** The seed did not answer; another one that is probing it at present counts as well. */
function isFailure(reply: Reply): reply is CacheError {
  return reply instanceof CacheError && (reply.isFatal || reply.code === 'cooldown')
}
