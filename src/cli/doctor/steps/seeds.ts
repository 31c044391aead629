import { CacheError } from '../../../errors.ts'
import { keySlot, SLOTS } from '../../../transport/cluster/key-slot.ts'
import { readSlots, type SlotMap } from '../../../transport/cluster/slot-map.ts'
import { nodeName } from '../../../transport/node-name.ts'
import type { Reply } from '../../../transport/transport.ts'
import { ask, refusalOf } from '../ask.ts'
import { explain } from '../explain.ts'
import { reachNode } from '../nodes/reach-node.ts'
import type { Reached } from '../nodes/reached.ts'
import { createPatience } from '../patience.ts'
import type { Member, Outcome, Step } from '../step.ts'

/** The nodes that the URL names, and the map of slots that one of them tells. */
export const seeds: Step = {
  name: 'seeds',
  isVital: true,
  isTimed: true,
  async run(visit) {
    const { nodes } = visit.target
    if (nodes === undefined) return { status: 'skipped', finding: 'one address' }
    const wait = visit.patience.left
    const gone = await Promise.all(
      nodes.url.seeds.map(async (seed) => ({ host: seed.host, name: nodeName(seed.host, seed.port), node: await reachNode(visit, nodes, seed) })),
    )
    const dead = gone.find(({ node }) => node.failure !== undefined)?.node
    const { failure, isLookupStuck } = dead ?? {}
    const living = gone.filter(({ node }) => node.connection !== undefined)
    const reached = new Map(gone.map(({ name, node }) => [name, node]))
    const facts = { reached, ...(isLookupStuck === undefined ? {} : { isLookupStuck }) }
    const said = failure === undefined ? '' : `; ${dead?.target.shown}: ${failure.finding}`
    if (living.length === 0) return { status: 'failed', finding: `none of ${gone.length} answers${said}`, hint: failure?.hint ?? '', facts }

    let refused: readonly [Reached, Reply] | undefined
    for (const { node, host } of living) {
      const { connection, target } = node
      const reply = await ask({ ...visit, patience: createPatience(wait), facts: { ...(connection && { connection }) } }, 'CLUSTER', 'SLOTS')
      const map = readSlots(reply, host)
      if (map !== undefined) {
        const finding = `${living.length} of ${gone.length} answer; the map of slots is ${target.shown}'s${said}`
        return {
          status: failure === undefined ? 'ok' : 'warning',
          finding,
          ...(failure && { hint: failure.hint }),
          facts: { ...facts, members: membersOf(map) },
        }
      }
      refused ??= [node, reply]
    }
    const [node, reply] = refused ?? []
    return node === undefined ? { status: 'failed', finding: 'no seed told the map of slots' } : withoutMap(node, reply ?? null, facts)
  },
}

/** Nobody told the map: it is forbidden, or this is no cluster. Either way a cache works. */
async function withoutMap({ target }: Reached, reply: Reply, facts: Outcome['facts']): Promise<Outcome> {
  const code = refusalOf(reply)
  if (code === 'NOPERM') {
    return {
      status: 'warning',
      finding: 'this user may not ask for the map of slots: keys are found by MOVED alone, and clear() and health() are refused',
      hint: 'Extend its ACL: +cluster|slots +cluster|myid +asking',
      facts: { ...facts, at: { target } },
    }
  }
  if (code === 'ERR') {
    const hint = `Write ${target.isTls ? 'rediss' : 'redis'}://${target.shown}, with user and password as before`
    return {
      status: 'warning',
      finding: `${target.shown} is no cluster: it holds all keys`,
      hint,
      facts: { ...facts, at: { target, holdsKey: () => true } },
    }
  }
  if (reply instanceof CacheError) return { status: 'failed', ...(await explain(reply, target)), facts: facts ?? {} }
  return { status: 'failed', finding: 'the cluster names no node that holds a slot', hint: 'Look at CLUSTER INFO: slots were never assigned' }
}

function membersOf(map: SlotMap): readonly Member[] {
  const counts = new Map<string, number>()
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const primary = map.primaryOf(slot)
    if (primary !== undefined) counts.set(primary, (counts.get(primary) ?? 0) + 1)
  }
  const primaries = [...counts].map(([name, slots]): Member => ({
    name,
    role: 'primary',
    slots,
    holdsKey: (key) => map.primaryOf(keySlot(key)) === name,
  }))
  const replicas = map.nodes().filter((name) => !counts.has(name))
  return [...primaries, ...replicas.map((name): Member => ({ name, role: 'replica' }))]
}
