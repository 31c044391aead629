import { addressOf } from '../../../transport/node-name.ts'
import type { Reply } from '../../../transport/transport.ts'
import { ask } from '../ask.ts'
import { reachNode } from '../nodes/reach-node.ts'
import type { Reached } from '../nodes/reached.ts'
import { createPatience } from '../patience.ts'
import type { Facts, Member, Outcome, Step, Visit } from '../step.ts'

/** Every node that was named, by the address at which it is reached: its role, its slots, and the name that TLS proves. */
export const eachNode: Step = {
  name: 'node',
  isTimed: true,
  async run(visit) {
    const { members = [], at } = visit.facts
    const { nodes } = visit.target
    if (nodes === undefined || members.length === 0)
      return { status: 'skipped', finding: 'nobody told which nodes there are', facts: at === undefined ? { isObstacle: true } : {} }
    const wait = visit.patience.left
    const looks = await Promise.all(
      members.map(async (member) => {
        const reached = visit.facts.reached?.get(member.name) ?? (await reachNode(visit, nodes, addressOf(member.name)))
        const isDemoted = member.role === 'primary' && nodes.url.kind === 'sentinel' && (await isReplica(visit, reached, wait))
        return { member, reached, outcome: isDemoted ? demoted(member) : outcomeOf(member, reached) }
      }),
    )
    const living = looks.find(({ member, outcome }) => member.role === 'primary' && outcome.status !== 'failed')
    const [first, ...others] = looks.map(({ outcome }) => outcome)
    if (first === undefined) return { status: 'skipped', finding: 'no node' }
    const holdsKey = nodes.url.kind === 'sentinel' ? () => true : living?.member.holdsKey
    return {
      ...first,
      others,
      facts: living === undefined ? { isObstacle: true } : lookAt(living.reached, holdsKey),
    }
  },
}

function lookAt({ target, connection }: Reached, holdsKey: Member['holdsKey']): Facts {
  return { at: { target, ...(holdsKey && { holdsKey }) }, ...(connection && { connection }) }
}

function outcomeOf(member: Member, { target, failure, certificate, coldMs }: Reached): Outcome {
  const { name, role, slots } = member
  const [host, port] = [target.place?.host ?? '', target.place?.port ?? 0]
  const where = `${host}:${port}` === name ? '' : `, reached at ${host}:${port}`
  const who = `${name}, ${role}${slots === undefined ? '' : ` of ${slots} slots`}${where}`
  if (failure !== undefined) {
    const hint = `${failure.hint}. Or clients reach it elsewhere: --node-address ${name}=host:port, in code nodeAddress`
    return { status: role === 'primary' ? 'failed' : 'warning', finding: `${who}: ${failure.finding}`, hint }
  }
  const took = coldMs === undefined ? {} : { ms: coldMs }
  if (certificate === undefined) return { status: 'ok', finding: who, ...took }
  const finding = `${who}; TLS name ${target.servername ?? host}, ${certificate.finding}`
  return { status: certificate.hint === undefined ? 'ok' : 'warning', finding, ...(certificate.hint && { hint: certificate.hint }), ...took }
}

async function isReplica(visit: Visit, { connection }: Reached, wait: number): Promise<boolean> {
  if (connection === undefined) return false
  const reply: Reply = await ask({ ...visit, patience: createPatience(wait), facts: { connection } }, 'ROLE')
  return Array.isArray(reply) && (reply as readonly Reply[])[0] === 'slave'
}

function demoted({ name }: Member): Outcome {
  return {
    status: 'failed',
    finding: `${name} is named as the primary, and is a replica`,
    hint: 'A failover may be under way: try again; else look into the log of the sentinels',
  }
}
