import { type Call, type Commands } from '../command.ts'
import type { Keyspace } from '../keyspace.ts'
import { type Bytes, OK, type Reply, syntaxError } from '../reply.ts'
import { configGet, configSet, policyOf } from '../settings.ts'
import type { State } from '../state.ts'
import { subcommands } from './subcommands.ts'

/** The Redis that this one is measured against. */
export const REDIS_VERSION = '7.0.15'

/** The server itself. */
export const server: Commands = {
  INFO: { arity: -1, run: info },
  TIME: { arity: 1, run: ({ state }) => [String(Math.floor(state.now() / 1_000)), String((state.now() % 1_000) * 1_000)] },
  ...subcommands('CONFIG', {
    GET: { arity: -3, run: ({ args, state }) => configGet(state.settings, args) },
    SET: { arity: -4, run: setConfig },
  }),
}

function setConfig({ args, state }: Call): Reply {
  if (args.length % 2 !== 0) throw syntaxError()
  configSet(
    state.settings,
    args.flatMap((name, at) => (at % 2 === 0 ? [[name, args[at + 1] ?? ''] as const] : [])),
  )
  return OK
}

function info({ args, state }: Call): Reply {
  const sections = describe(state)
  const wanted = args.map((name) => name.toLowerCase())
  const isAll = wanted.length === 0 || wanted.some((name) => ['all', 'default', 'everything'].includes(name))
  return Object.entries(sections)
    .filter(([title]) => isAll || wanted.includes(title.toLowerCase()))
    .map(([title, fields]) => `# ${title}\r\n${lines(fields)}`)
    .join('\r\n')
}

function lines(fields: Readonly<Record<string, Bytes | number>>): Bytes {
  return Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')
}

/** The fields of Redis that mean something here, by its titles. */
function describe({ settings, ledger, counters, databases, sessions, startedAt, now, port }: State): Record<string, Record<string, Bytes | number>> {
  return {
    Server: {
      redis_version: REDIS_VERSION,
      server_name: 'fastmiss embedded',
      redis_mode: 'standalone',
      process_id: process.pid,
      tcp_port: port,
      uptime_in_seconds: Math.floor((now() - startedAt) / 1_000),
    },
    Clients: { connected_clients: sessions.size, maxclients: settings.maxclients },
    Memory: { used_memory: ledger.usedBytes, maxmemory: settings.maxmemory, maxmemory_policy: policyOf(settings) },
    Persistence: { loading: 0 },
    Stats: {
      total_connections_received: counters.connections,
      total_commands_processed: counters.commands,
      rejected_connections: counters.rejected,
      expired_keys: ledger.expired,
      evicted_keys: ledger.evicted,
      keyspace_hits: ledger.hits,
      keyspace_misses: ledger.misses,
    },
    Replication: { role: 'master', connected_slaves: 0 },
    Cluster: { cluster_enabled: 0 },
    Keyspace: Object.fromEntries(databases.flatMap(describeKeyspace)),
  }
}

function describeKeyspace({ size, expiring }: Keyspace, index: number): (readonly [string, string])[] {
  return size === 0 ? [] : [[`db${index}`, `keys=${size},expires=${expiring},avg_ttl=0`]]
}
