import type { HostPort } from '../../options/nodes-url.ts'
import { CacheError } from '../../errors.ts'
import type { Command, Reply, Transport } from '../transport.ts'
import { keySlot } from './key-slot.ts'
import { addressOf, nodeName } from '../node-name.ts'
import { emptyMap, readSlots, type Shard, type SlotMap } from './slot-map.ts'

/** Asks for the map of slots. */
export const SLOTS_COMMAND: Command = ['CLUSTER', 'SLOTS']
/** Asks a node for its id. */
export const MYID_COMMAND: Command = ['CLUSTER', 'MYID']

/** What a cluster is known to be. Plain data, one for each cache: it outlives invocations. */
export interface Topology {
  /** Names of the nodes to begin with. */
  readonly seeds: readonly string[]
  /** Whether entries may be read from a replica. */
  readonly readsReplicas: boolean
  /** How a node is reached. */
  transportTo(name: string): Transport
  /** False until a map was read. */
  isKnown(): boolean
  /** The server said that it is no cluster. */
  isSingle(): boolean
  shardOf(key: string): Shard | undefined
  /** The shard of a primary, where it has one. */
  shardLedBy(primary: string): Shard | undefined
  primaries(): readonly string[]
  nodes(): readonly string[]
  /** The map may be out of date: the next pipeline to anybody asks for it. */
  suspect(): void
  /** Whether a pipeline should ask for the map. One is told so at a time, and then must `learn`. @param at epoch ms */
  claim(at: number): boolean
  /** Takes the reply to `CLUSTER SLOTS`. @param name of the node that was asked. @returns whether it was a map */
  learn(reply: Reply | undefined, name: string): boolean
  /** The node's name in the map. @param id the reply to `CLUSTER MYID` */
  nameOf(id: Reply | undefined): string | undefined
  /** Takes what a MOVED says. */
  move(slot: number, name: string): void
  /** One caller of a period (ms) may ask other nodes about one that is out. */
  mayAskAbout(name: string, at: number, period: number): boolean
}

/** ms for which a question under way keeps others from asking the same. */
const CLAIM_MS = 1_000

/** What a topology is made from. */
export interface TopologyOptions {
  readonly seeds: readonly HostPort[]
  readonly readsReplicas: boolean
  readonly transportTo: (host: HostPort) => Transport
}

/** @returns what is known before anybody was asked */
export function createTopology({ seeds, readsReplicas, transportTo }: TopologyOptions): Topology {
  const transports = new Map<string, Transport>()
  const askedAbout = new Map<string, number>()
  let map: SlotMap = emptyMap()
  let isKnown = false
  let isStale = false
  let claimedAt: number | undefined
  /** The user may not ask for the map: MOVED alone tells. */
  let isForbidden = false
  let isSingle = false

  function transport(name: string): Transport {
    const known = transports.get(name)
    if (known !== undefined) return known
    const made = transportTo(addressOf(name))
    transports.set(name, made)
    return made
  }

  function learn(reply: Reply | undefined, name: string): boolean {
    claimedAt = undefined
    if (reply instanceof CacheError && reply.code === 'auth' && !reply.isFatal) isForbidden = true
    // "This instance has cluster support disabled", or a server that has no such command.
    isSingle = reply instanceof CacheError && reply.cause?.code === 'ERR'
    const read = readSlots(reply, addressOf(name).host)
    if (read === undefined) return false
    map = read
    isKnown = true
    isStale = false
    const names = new Set([...read.nodes(), ...seedNames])
    for (const old of transports.keys()) if (!names.has(old)) transports.delete(old)
    for (const old of askedAbout.keys()) if (!names.has(old)) askedAbout.delete(old)
    return true
  }

  const seedNames = seeds.map(({ host, port }) => nodeName(host, port))
  return {
    seeds: seedNames,
    readsReplicas,
    transportTo: transport,
    isKnown: () => isKnown,
    isSingle: () => isSingle,
    shardOf: (key) => map.shardOf(keySlot(key)),
    shardLedBy: (primary) => map.shardLedBy(primary),
    primaries: () => map.primaries(),
    nodes: () => map.nodes(),
    suspect() {
      isStale = true
    },
    claim(at) {
      if (isForbidden || (isKnown && !isStale)) return false
      // Whoever asked may have been ended with its request.
      if (claimedAt !== undefined && at >= claimedAt && at - claimedAt < CLAIM_MS) return false
      claimedAt = at
      return true
    },
    learn,
    nameOf: (id) => (typeof id === 'string' ? map.nameOf(id) : undefined),
    move(slot, name) {
      if (map.primaryOf(slot) === name) return
      map.move(slot, name)
      isStale = true
    },
    mayAskAbout(name, at, period) {
      const askedAt = askedAbout.get(name)
      // A clock that was set back must not keep anybody from asking.
      if (askedAt !== undefined && at >= askedAt && at - askedAt < period) return false
      askedAbout.set(name, at)
      return true
    },
  }
}
