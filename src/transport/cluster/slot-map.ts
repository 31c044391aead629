import type { Reply } from '../transport.ts'
import { nodeName } from '../node-name.ts'
import { SLOTS } from './key-slot.ts'

/** A primary and its replicas, by name: `host:port`. */
export interface Shard {
  readonly primary: string
  readonly replicas: readonly string[]
}

/** Who holds which slot. Plain data, so that it may live at module scope. */
export interface SlotMap {
  /** By slot; undefined where nobody is known. */
  shardOf(slot: number): Shard | undefined
  primaryOf(slot: number): string | undefined
  /** The shard of a primary, where it has one. */
  shardLedBy(primary: string): Shard | undefined
  /** Takes what a MOVED says of one slot. */
  move(slot: number, primary: string): void
  /** Every primary that holds a slot. */
  primaries(): readonly string[]
  /** Every node, replicas too. */
  nodes(): readonly string[]
  /** The node with this id, as `CLUSTER MYID` gives it. */
  nameOf(id: string): string | undefined
}

/** What a slot is given where nobody holds it. */
const NOBODY = 0

/** @returns a map in which nobody holds anything */
export function emptyMap(): SlotMap {
  return createMap(new Uint16Array(SLOTS), [], new Map())
}

/**
 * The reply to `CLUSTER SLOTS`. It comes from outside: what does not fit is left out.
 *
 * @param host that was asked: nodes that do not know their own address are there
 * @returns undefined where it is no such reply, or names no node
 */
export function readSlots(reply: Reply | undefined, host: string): SlotMap | undefined {
  if (!Array.isArray(reply)) return undefined
  const owners = new Uint16Array(SLOTS)
  const shards: Shard[] = []
  const ids = new Map<string, string>()
  const byPrimary = new Map<string, number>()
  for (const range of reply as readonly Reply[]) {
    if (!Array.isArray(range)) continue
    const [from, to, ...entries] = range as readonly Reply[]
    if (!isSlot(from) || !isSlot(to)) continue
    const [primary, ...replicas] = entries.flatMap((entry) => readNode(entry, host, ids))
    if (primary === undefined) continue
    const known = byPrimary.get(primary) ?? shards.push({ primary, replicas })
    byPrimary.set(primary, known)
    owners.fill(known, from, to + 1)
  }
  return shards.length === 0 ? undefined : createMap(owners, shards, ids)
}

function readNode(entry: Reply, asked: string, ids: Map<string, string>): readonly string[] {
  if (!Array.isArray(entry)) return []
  const [host, port, id] = entry as readonly Reply[]
  if (typeof port !== 'number' || port < 1 || port > 65_535) return []
  const isUnknown = typeof host !== 'string' || host === '' || host === '?'
  const name = nodeName(isUnknown ? asked : host, port)
  if (typeof id === 'string') ids.set(id, name)
  return [name]
}

/** @param owners by slot: 1 more than the place of its shard, or 0 */
function createMap(owners: Uint16Array, shards: Shard[], ids: ReadonlyMap<string, string>): SlotMap {
  function placeOf(primary: string): number {
    const at = shards.findIndex((shard) => shard.primary === primary)
    if (at !== -1) return at + 1
    // Its replicas are told by the next CLUSTER SLOTS.
    return shards.push({ primary, replicas: [] })
  }
  /** Worked out once for each state of the map: it takes a look at every slot. */
  let known: readonly Shard[] | undefined
  function holding(): readonly Shard[] {
    if (known === undefined) {
      const holds = new Uint8Array(shards.length + 1)
      for (let slot = 0; slot < SLOTS; slot += 1) holds[owners[slot] ?? NOBODY] = 1
      known = shards.filter((_, index) => holds[index + 1] === 1)
    }
    return known
  }
  return {
    shardOf: (slot) => shards[(owners[slot] ?? NOBODY) - 1],
    primaryOf: (slot) => shards[(owners[slot] ?? NOBODY) - 1]?.primary,
    shardLedBy: (primary) => shards.find((shard) => shard.primary === primary),
    move(slot, primary) {
      const place = placeOf(primary)
      if (owners[slot] !== place) known = undefined
      owners[slot] = place
    },
    primaries: () => holding().map(({ primary }) => primary),
    nodes: () => [...new Set(holding().flatMap(({ primary, replicas }) => [primary, ...replicas]))],
    nameOf: (id) => ids.get(id),
  }
}

function isSlot(value: Reply | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < SLOTS
}
