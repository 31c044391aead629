import { ask, readInfo, refusalOf } from '../ask.ts'
import type { Outcome, Step } from '../step.ts'
import type { Target } from '../target.ts'
import type { Reply } from '../../../transport/transport.ts'

/** Whether the URL leads to what holds all keys, or to one node of several, a replica or a Sentinel; and which URL to write then. */
export const cluster: Step = {
  name: 'cluster',
  async run(visit) {
    const reply = await ask(visit, 'INFO', 'cluster')
    const isEnabled = readInfo(reply)?.get('cluster_enabled')
    if (isEnabled !== '1') {
      const elsewhere = byRole(await ask(visit, 'ROLE'), visit.target)
      if (elsewhere !== undefined) return elsewhere
    }
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
    return {
      status: 'failed',
      finding,
      hint: `Write ${urlOf(visit.target, '+cluster')}, with user and password as before: each key is then asked for at its node`,
    }
  },
}

/** @param reply to ROLE. @returns undefined for a primary, and where the server does not tell */
function byRole(reply: Reply, target: Target): Outcome | undefined {
  if (!Array.isArray(reply)) return undefined
  const [role, first, second] = reply as readonly Reply[]
  if (role === 'slave') {
    const hint = `Write ${urlOf(target, '', `${String(first)}:${String(second)}`)}, the address of its primary`
    return { status: 'failed', finding: 'this is a replica: it takes no writes', hint }
  }
  if (role !== 'sentinel') return undefined
  const names = Array.isArray(first) ? first.filter((name): name is string => typeof name === 'string') : []
  const hint = `Write ${urlOf(target, '+sentinel')}/${names[0] ?? 'name'}; user and password in it are Redis's, those of the sentinels are sentinelCredentials`
  return { status: 'failed', finding: `this is a Sentinel, not a Redis; it watches ${names.join(', ') || 'nothing'}`, hint }
}

function urlOf({ isTls, place }: Target, kind: string, address?: string): string {
  const host = place?.host.includes(':') === true ? `[${place.host}]` : (place?.host ?? 'host')
  return `${isTls ? 'rediss' : 'redis'}${kind}://${address ?? `${host}:${place?.port ?? 6_379}`}`
}
