import { CacheError } from '../errors.ts'
import { type Cooldown, createCooldown } from '../policy/cooldown.ts'
import type { NodesHost } from '../transport/nodes.ts'
import type { Transport } from '../transport/transport.ts'
import { createRedisConnection, type RedisConnection, type RedisConnectionOptions } from './redis-connection.ts'

/** What all connections of a cache have in common. */
export interface NodesHostOptions extends Omit<RedisConnectionOptions, 'transport' | 'cooldown'> {
  readonly transport: Transport
  /** Of all nodes together. */
  readonly cooldown: Cooldown
  /** ms, as the options of the cache. */
  readonly first: number
  readonly max: number
  readonly timeout: number
}

/** What a cache gives to its connections over many nodes: a connection for each, and a cooldown that outlives it. */
export function createNodesHost(options: NodesHostOptions): NodesHost {
  const { cooldown: whole, first, max, timeout, now, emit, refusal } = options
  const cooldowns = new Map<string, Cooldown>()

  function cooldown(name: string): Cooldown {
    if (name === '') return whole
    const known = cooldowns.get(name)
    if (known !== undefined) return known
    const made = createCooldown(first, max, timeout, now)
    cooldowns.set(name, made)
    return made
  }
  return {
    open: (name, transport) =>
      createRedisConnection({
        ...options,
        transport,
        cooldown: cooldown(name),
        emit: emit && ((event) => emit('operation' in event || 'option' in event ? event : { ...event, node: name })),
      }),
    cooldown,
    isSameNode: (name, other) => void cooldowns.set(name, cooldown(other)),
    keepOnly(names) {
      for (const name of cooldowns.keys()) if (!names.has(name)) cooldowns.delete(name)
    },
    period: first,
    now,
    emit,
    refusal,
  }
}

/** The connection of a session to many nodes. @param host of the cache */
export function createNodesConnection(transport: Transport, host: NodesHost): RedisConnection | undefined {
  const nodes = transport.nodes?.(host)
  if (nodes === undefined) return undefined
  return {
    nodes,
    // A batch is always one of a node here.
    send: async (commands) => commands.map(() => new CacheError('protocol', 'A batch belongs to no node')),
    suspect: () => {},
    holdsSocket: nodes.holdsSocket,
    close: nodes.close,
    finish: nodes.finish,
  }
}
