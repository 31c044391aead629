import { CacheError } from '../../errors.ts'
import { type Ask, Groups } from '../ask.ts'
import { askReplicas } from '../ask-replicas.ts'
import { halfTime, hasTime, isKeyless, isOut, sendOptionsTo } from '../node-sending.ts'
import type { BatchReply, NodeConnection, NodesConnection, NodesHost, NodesSendOptions } from '../nodes.ts'
import type { Reply } from '../transport.ts'
import { askSentinels } from './ask-sentinels.ts'
import { checkRole } from './check-role.ts'
import type { Watched } from './watched.ts'

/** How often a command is sent to another primary before the cause is the answer. */
const MAX_MOVES = 2

/** The connections of one invocation to a primary that sentinels name; or of all of them, where connections are kept. */
export function createSentinelConnection(watched: Watched, host: NodesHost): NodesConnection {
  const nodes = new Map<string, NodeConnection>()
  const sentinels = new Map<string, NodeConnection>()
  /** A question under way: whoever needs the answer waits for the same one. */
  let asking: { readonly deadlineAt: number; readonly done: Promise<CacheError | undefined> } | undefined
  /** Who has less time asks for itself meanwhile, over the same connections. */
  let questions = 0

  function node(name: string, role: 'master' | 'slave' = 'master'): NodeConnection {
    const key = keyOf(name, role)
    const known = nodes.get(key)
    if (known !== undefined) return known
    const transport = watched.transportToNode(name)
    // A replica that is read from may have become the primary: as good.
    const made = host.open(name, role === 'master' ? checkRole(transport, role, host.now) : transport)
    nodes.set(key, made)
    return made
  }

  function sentinel(name: string): NodeConnection {
    const made = sentinels.get(name) ?? host.open(name, watched.transportToSentinel(name))
    sentinels.set(name, made)
    return made
  }

  async function resolve(options: NodesSendOptions): Promise<CacheError | undefined> {
    if (asking !== undefined && asking.deadlineAt <= options.deadlineAt) return asking.done
    const before = watched.primary
    questions += 1
    const own = { deadlineAt: options.deadlineAt, done: askSentinels({ watched, host, sentinel }, options) }
    asking = own
    const failure = await own.done
    if (asking === own) asking = undefined
    questions -= 1
    if (questions === 0) leaveSentinels()
    const { primary } = watched
    // Who promotes a replica cuts off its clients, which says nothing about the primary that it is now: that and its cooldown are forgotten.
    const isNew = primary !== before
    if (isNew) options.failures?.delete(primary)
    // A connection keeps the cooldown that it was made with, so that one to a new primary is left as well.
    const kept = new Set([...(isNew ? [] : [keyOf(primary, 'master')]), ...watched.replicas.map((name) => keyOf(name, 'slave'))])
    for (const [key, known] of nodes) {
      if (kept.has(key)) continue
      nodes.delete(key)
      void known.finish()
    }
    host.keepOnly(new Set([...(isNew ? [] : [primary]), ...watched.replicas, ...watched.sentinels]))
    return failure
  }

  /** They are seldom asked. */
  function leaveSentinels(): void {
    for (const one of sentinels.values()) one.close()
    sentinels.clear()
  }

  /** Nobody is known yet. One failure of all sentinels is remembered as one. */
  async function begin(ask: Ask): Promise<readonly BatchReply[]> {
    const { commands, options } = ask
    const whole = host.cooldown('')
    const isRefused = !options.ignoresCooldown && options.failures?.has('') === true
    const ticket = isRefused ? undefined : whole.admit(options.ignoresCooldown)
    if (ticket === undefined) return commands.map(() => host.refusal())
    const failure = await resolve(options)
    if (failure === undefined) {
      if (whole.recover(ticket)) host.emit?.({ type: 'recovered' })
      return exchange(watched.primary, ask)
    }
    // A cooldown, or that nobody waits any more, is no failure of this invocation.
    if (failure.code !== 'cooldown') options.failures?.set('', failure)
    if (failure.isOutage) {
      const waited = host.now() - options.at
      const span = options.isPartial && failure.code === 'timeout' ? whole.suspect(ticket, waited) : whole.trip(ticket)
      if (span !== undefined) host.emit?.({ type: 'cooldown', reason: failure.code, ms: span })
    }
    return commands.map(() => failure)
  }

  async function exchange(name: string, ask: Ask): Promise<readonly BatchReply[]> {
    const { commands, options } = ask
    if (isOut(host, name, options)) return mend(name, ask, commands.map(host.refusal))
    const isProbe = options.replicable !== undefined && host.cooldown(name).isTripped()
    const deadlineAt = isProbe ? halfTime(host, options) : options.deadlineAt
    const replies = await node(name).send(commands, sendOptionsTo(host, name, options, deadlineAt))
    return replies.some(isLost) ? mend(name, ask, replies) : replies
  }

  /** The primary is out, or is none any more. The sentinels may name another; else a replica may answer reads; else the cause stands. */
  function mend(name: string, ask: Ask, replies: readonly Reply[]): readonly BatchReply[] {
    const { commands, options, hop } = ask
    const lost = [...replies.keys()].filter((index) => isLost(replies[index] ?? null) && !isKeyless(commands[index] ?? []))
    const cause = replies.find(isLost)
    if (lost.length === 0 || !hasTime(host, options) || hop >= MAX_MOVES) return replies
    const isFresh = cause instanceof CacheError && cause.code !== 'cooldown'
    const mayAsk = !options.ignoresCooldown && (claim() || isFresh)
    const readers = lost.filter((index) => options.replicable?.has(index) === true)
    if (!mayAsk && readers.length === 0) return replies
    const asked = mayAsk ? resolve(readers.length > 0 ? { ...options, deadlineAt: halfTime(host, options) } : options) : undefined
    const slots: BatchReply[] = [...replies]
    const groups = new Groups()
    for (const index of lost) groups.add(readers.includes(index) ? 'read' : 'write', index)
    groups.fill(slots, ask, async (kind, own) => {
      await asked
      if (watched.primary !== name) return exchange(watched.primary, own)
      const causes = own.commands.map(() => (cause instanceof CacheError ? cause : host.refusal()))
      return kind === 'read' ? fromReplica(own, causes) : causes
    })
    return slots
  }

  /** One caller of a period may ask the sentinels while the primary is out. */
  function claim(): boolean {
    const at = host.now()
    if (watched.askedAt !== undefined && at >= watched.askedAt && at - watched.askedAt < host.period) return false
    watched.askedAt = at
    return true
  }

  function fromReplica({ commands, options }: Ask, causes: readonly CacheError[]): Promise<readonly Reply[]> {
    return askReplicas(watched.replicas, host, options, causes, (name, own) => node(name, 'slave').send(commands, sendOptionsTo(host, name, own)))
  }

  return {
    readsReplicas: watched.readsReplicas,
    nodeOf: () => watched.primary,
    send: (name, commands, options) => {
      const ask = { commands, options, hop: 0 }
      // One batch of a turn may have been begun before the primary was known.
      const primary = name === '' ? watched.primary : name
      return primary === '' ? begin(ask) : exchange(primary, ask)
    },
    async primaries(options) {
      if (watched.primary === '') {
        const [failure] = await begin({ commands: [['PING']], options, hop: 0 })
        const reply = await failure
        if (reply instanceof CacheError && watched.primary === '') return reply
      }
      return [watched.primary]
    },
    suspect: (waited, name) => nodes.get(keyOf(name, 'master'))?.suspect(waited),
    holdsSocket: () => [...nodes.values(), ...sentinels.values()].some((one) => one.holdsSocket()),
    close() {
      for (const one of nodes.values()) one.close()
      nodes.clear()
      leaveSentinels()
    },
    async finish() {
      const leaving = [...nodes.values(), ...sentinels.values()]
      nodes.clear()
      sentinels.clear()
      await Promise.all(leaving.map((one) => one.finish()))
    },
  }
}

/** Of a connection: a replica is read from without being asked for its role. */
function keyOf(name: string, role: 'master' | 'slave'): string {
  return `${role} ${name}`
}

/** No answer of a primary: its connection failed, its cooldown is on, or it is a replica by now. */
function isLost(reply: Reply): boolean {
  if (!(reply instanceof CacheError)) return false
  if (reply.code === 'cooldown' || (reply.isFatal && reply.code !== 'closed')) return true
  const { code } = (reply.cause ?? {}) as { readonly code?: string }
  return code === 'READONLY' || code === 'MASTERDOWN'
}
