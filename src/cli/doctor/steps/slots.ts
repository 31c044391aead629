import { SLOTS } from '../../../transport/cluster/key-slot.ts'
import { askAll, readInfo } from '../ask.ts'
import type { Step } from '../step.ts'

/** Whether every slot is held by a primary, and what a dead shard costs the others. */
export const slots: Step = {
  name: 'slots',
  async run(visit) {
    const { members = [], at } = visit.facts
    if (members.length === 0)
      return { status: at?.holdsKey === undefined ? 'skipped' : 'ok', finding: at?.holdsKey === undefined ? 'nobody told the map' : 'one server' }
    const held = members.reduce((sum, member) => sum + (member.slots ?? 0), 0)
    const [info = null, setting = null] = await askAll(visit, [
      ['CLUSTER', 'INFO'],
      ['CONFIG', 'GET', 'cluster-require-full-coverage'],
    ])
    const state = readInfo(info)?.get('cluster_state')
    const finding = `${held} of ${SLOTS} are held, by ${members.filter(({ role }) => role === 'primary').length} primaries${state === undefined ? '' : `; cluster_state:${state}`}`
    if (held < SLOTS || state === 'fail') {
      return { status: 'failed', finding, hint: 'Look at CLUSTER NODES: nodes are down, or slots were never assigned' }
    }
    if (Array.isArray(setting) && setting[1] === 'yes') {
      const hint = 'CONFIG SET cluster-require-full-coverage no on every node: with yes a dead shard takes all keys with it until its takeover'
      return { status: 'ok', finding, hint }
    }
    return { status: 'ok', finding }
  },
}
