import type { HostPort } from '../../../options/nodes-url.ts'
import { createPatience } from '../patience.ts'
import type { Facts, Visit } from '../step.ts'
import { auth } from '../steps/authenticate.ts'
import { connect } from '../steps/connect.ts'
import { ping } from '../steps/ping.ts'
import { resolve } from '../steps/resolve.ts'
import { tls } from '../steps/tls.ts'
import type { NodesTarget } from './nodes-target.ts'
import type { Reached } from './reached.ts'
import { targetOf } from './target-of-node.ts'

/**
 * Takes the steps that one address takes, for one node. The others are gone to at the same time: a silent one has its own patience and takes
 * nothing of theirs.
 */
export async function reachNode(visit: Visit, nodes: NodesTarget, announced: HostPort, as: 'node' | 'sentinel' = 'node'): Promise<Reached> {
  const target = targetOf(visit.target, nodes, announced, as)
  const own = { ...visit, target, patience: createPatience(visit.patience.left) }
  let facts: Facts = {}
  let certificate: Reached['certificate']
  for (const step of [resolve, connect, tls, auth, ping]) {
    const { status, finding, hint, facts: found } = await step.run({ ...own, facts })
    facts = { ...facts, ...found }
    if (status === 'failed') {
      return { target, failure: { finding, hint: hint ?? '' }, ...(facts.isLookupStuck === true ? { isLookupStuck: true } : {}) }
    }
    if (step === tls && status !== 'skipped' && target.isTls) certificate = { finding, ...(hint === undefined ? {} : { hint }) }
  }
  const { connection, coldMs } = facts
  return {
    target,
    ...(connection === undefined ? {} : { connection }),
    ...(coldMs === undefined ? {} : { coldMs }),
    ...(certificate === undefined ? {} : { certificate }),
  }
}
