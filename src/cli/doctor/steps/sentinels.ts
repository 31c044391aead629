import { CacheError } from '../../../errors.ts'
import { nodeName } from '../../../transport/node-name.ts'
import { createWatched, learnFrom, questions } from '../../../transport/sentinel/watched.ts'
import type { Reply } from '../../../transport/transport.ts'
import { ask, askAll, refusalOf } from '../ask.ts'
import type { NodesTarget } from '../nodes/nodes-target.ts'
import { reachNode } from '../nodes/reach-node.ts'
import type { Reached } from '../nodes/reached.ts'
import { createPatience } from '../patience.ts'
import type { Diagnosis } from '../hints.ts'
import type { Member, Step, Visit } from '../step.ts'

const OF_THEIR_OWN =
  'Sentinels have credentials of their own: here SENTINEL_USERNAME and SENTINEL_PASSWORD in the environment, in code sentinelCredentials'

/** The sentinels that the URL names, and the primary that they name. */
export const sentinels: Step = {
  name: 'sentinels',
  isVital: true,
  isTimed: true,
  async run(visit) {
    const { nodes } = visit.target
    if (nodes === undefined) return { status: 'skipped', finding: 'one address' }
    const asked = await Promise.all(nodes.url.seeds.map((seed) => askOne(visit, nodes, seed)))
    const failure = asked.find((one) => 'finding' in one)
    const answers = asked.filter((one) => 'primary' in one)
    const [first] = answers
    if (first === undefined) return { status: 'failed', finding: failure?.finding ?? 'no sentinel answers', hint: failure?.hint ?? '' }
    const members: readonly Member[] = [
      { name: first.primary, role: 'primary' },
      ...[...new Set(answers.flatMap(({ replicas }) => replicas))]
        .filter((name) => name !== first.primary)
        .map((name): Member => ({ name, role: 'replica' })),
    ]
    const others = new Set(answers.map(({ primary }) => primary))
    const finding = `${answers.length} of ${asked.length} name ${[...others].join(' and ')} as the primary of ${nodes.url.name}`
    const facts = { members }
    if (others.size > 1) return { status: 'warning', finding, hint: 'A failover may be under way, or they do not see each other', facts }
    if (failure !== undefined) return { status: 'warning', finding: `${finding}; ${failure.finding}`, hint: failure.hint, facts }
    return { status: 'ok', finding, facts }
  },
}

interface Answer {
  readonly primary: string
  readonly replicas: readonly string[]
}

async function askOne(visit: Visit, nodes: NodesTarget, seed: NodesTarget['url']['seeds'][number]): Promise<Answer | Diagnosis> {
  const wait = visit.patience.left
  const reached = await reachNode(visit, nodes, seed, 'sentinel')
  const { shown } = reached.target
  if (reached.connection === undefined || reached.failure !== undefined) return ofSentinel(shown, reached)
  const own = { ...visit, patience: createPatience(wait), facts: { connection: reached.connection } }
  const watched = createWatched([seed], nodes.url.name, true, { transportToNode: never, transportToSentinel: never })
  const replies = await askAll(own, questions(watched))
  const failure = learnFrom(watched, nodeName(seed.host, seed.port), replies)
  if (failure === undefined) return watched
  if (replies[0] === null)
    return { finding: `${shown} knows no primary by the name '${nodes.url.name}'`, hint: known(await ask(own, 'SENTINEL', 'MASTERS')) }
  if (refusalOf(replies[0] ?? null) === 'NOPERM') {
    const hint = 'Extend the ACL of this user at the sentinels: +sentinel|get-master-addr-by-name, and +sentinel|replicas for readFrom: fallback'
    return { finding: `${shown}: this user may not ask for the primary (NOPERM)`, hint }
  }
  const isRedis = failure instanceof CacheError && refusalOf(replies[0] ?? null) === 'ERR'
  return isRedis
    ? { finding: `${shown} is no sentinel`, hint: 'Sentinels listen on a port of their own, 26379 by default; for one server write redis://' }
    : { finding: `${shown} did not name a primary (${refusalOf(replies[0] ?? null)})`, hint: 'Look into its log' }
}

function ofSentinel(shown: string, { failure, target }: Reached): Diagnosis {
  const { finding = 'it does not answer', hint = '' } = failure ?? {}
  const isAboutCredentials = /password/.test(finding)
  return {
    finding: `${shown}: ${isAboutCredentials && !target.hasCredentials ? 'this sentinel asks for a password' : finding}`,
    hint: isAboutCredentials ? OF_THEIR_OWN : hint,
  }
}

/** @param masters the reply to SENTINEL MASTERS: each a list of names and values in turn */
function known(masters: Reply): string {
  const all = Array.isArray(masters) ? (masters as readonly Reply[]) : []
  const names = all.flatMap((one) => (Array.isArray(one) ? [(one as readonly Reply[])[(one as readonly Reply[]).indexOf('name') + 1]] : []))
  return names.length === 0 ? 'It watches nothing, or does not tell' : `It watches ${names.map(String).join(', ')}: write that behind the hosts`
}

function never(): never {
  throw new Error('The doctor goes to nodes by itself')
}
