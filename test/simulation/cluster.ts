import { RedisError } from '../../src/testing/embedded/reply.ts'
import { keySlot } from '../../src/transport/cluster/key-slot.ts'
import type { Membership, SimulatedServer } from './server.ts'

/** Which node holds which slot, as every node of a cluster knows it. */
export interface SimulatedCluster extends Membership {
  /** The number of the node that holds a key's slot now. */
  ownerOf(storedKey: string): number
  /** Hands a key's slot, and all that is in it, to another node. */
  move(storedKey: string, to: number, keys: Iterable<string>): void
}

const SLOTS = 16_384
/** Commands that name a key, and name it first. */
const KEYED = /^(GET|SET|DEL|UNLINK|EXISTS|PTTL|PEXPIRE|APPEND|GETDEL|MGET)$/

/** @param nodes are there once a command comes */
export function createCluster(nodes: readonly SimulatedServer[], addresses: readonly string[]): SimulatedCluster {
  const moved = new Map<number, number>()
  const share = Math.ceil(SLOTS / addresses.length)
  const ownerOfSlot = (slot: number): number => moved.get(slot) ?? Math.floor(slot / share)

  let known: unknown[] | undefined
  function slots(): unknown[] {
    if (known !== undefined) return known
    const ranges: unknown[] = []
    for (let from = 0; from < SLOTS;) {
      const owner = ownerOfSlot(from)
      let to = from
      while (to + 1 < SLOTS && ownerOfSlot(to + 1) === owner) to += 1
      const [host = '', port] = addresses[owner]?.split(':') ?? []
      ranges.push([from, to, [host, Number(port), idOf(addresses[owner] ?? '')]])
      from = to + 1
    }
    known = ranges
    return ranges
  }

  return {
    ownerOf: (storedKey) => ownerOfSlot(keySlot(storedKey)),
    isOwner: (storedKey, address) => addresses[ownerOfSlot(keySlot(storedKey))] === address,
    answer([name = '', first = ''], address) {
      if (name === 'CLUSTER') return first === 'MYID' ? idOf(address) : first === 'SLOTS' ? slots() : new RedisError('ERR unknown subcommand')
      if (name === 'ASKING') return { status: 'OK' }
      if (!KEYED.test(name)) return undefined
      const slot = keySlot(first)
      const owner = addresses[ownerOfSlot(slot)] ?? ''
      return owner === address ? undefined : new RedisError(`MOVED ${slot} ${owner}`)
    },
    move(storedKey, to, keys) {
      const slot = keySlot(storedKey)
      const from = nodes[ownerOfSlot(slot)]
      for (const key of keys) {
        if (keySlot(key) !== slot || from === undefined || from === nodes[to]) continue
        const text = from.carryOut(['GET', key])
        const left = from.carryOut(['PTTL', key])
        from.carryOut(['DEL', key])
        nodes[to]?.carryOut(['DEL', key])
        if (typeof text !== 'string') continue
        nodes[to]?.carryOut(['SET', key, text, ...(typeof left === 'number' && left > 0 ? ['PX', String(left)] : [])])
      }
      moved.set(slot, to)
      known = undefined
    },
  }
}

function idOf(address: string): string {
  return address.replaceAll(/\D/g, '').padStart(40, '0')
}
