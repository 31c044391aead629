import { ask, readInfo, refusalOf } from '../ask.ts'
import { ONE_NODE } from '../error-reply.ts'
import type { Step } from '../step.ts'

/** Whether keys live on several nodes, of which this is one. */
export const cluster: Step = {
  name: 'cluster',
  async run(visit) {
    const reply = await ask(visit, 'INFO', 'cluster')
    const isEnabled = readInfo(reply)?.get('cluster_enabled')
    if (isEnabled === undefined) return { status: 'skipped', finding: `the server does not tell (${refusalOf(reply)})` }
    if (isEnabled === '0') return { status: 'ok', finding: 'one server, no cluster mode' }
    const state = readInfo(await ask(visit, 'CLUSTER', 'INFO'))
    const size = Number(state?.get('cluster_size'))
    if (state?.get('cluster_state') === 'fail') {
      return {
        status: 'failed',
        finding: 'cluster mode, and not all slots are served',
        hint: 'Look at CLUSTER INFO: nodes are down, or slots were never assigned',
      }
    }
    if (size === 1) return { status: 'ok', finding: 'cluster mode with one node that holds all keys' }
    const finding = `cluster mode with ${Number.isNaN(size) ? 'several' : size} nodes: most keys are answered MOVED`
    return { status: 'failed', finding, hint: ONE_NODE }
  },
}
