import { ask, readInfo, refusalOf } from '../ask.ts'
import type { Outcome, Step } from '../step.ts'

/** What Redis does when its memory is full: for a cache it should evict. */
export const memory: Step = {
  name: 'memory',
  async run(visit) {
    const reply = await ask(visit, 'INFO', 'memory')
    const info = readInfo(reply)
    const policy = info?.get('maxmemory_policy')
    if (info === undefined || policy === undefined) return { status: 'skipped', finding: `the server does not tell (${refusalOf(reply)})` }
    return judge(policy, Number(info.get('maxmemory')), Number(info.get('used_memory')))
  },
}

function judge(policy: string, most: number, used: number): Outcome {
  const usage = most > 0 ? `${mebibytes(used)} of ${mebibytes(most)} used` : `${mebibytes(used)} used, no maxmemory`
  const finding = `maxmemory-policy ${policy}, ${usage}`
  if (policy === 'noeviction') {
    const consequence = most > 0 ? 'once memory is full every write fails (OOM)' : 'nothing stops it before the memory of the machine is full'
    return {
      status: 'warning',
      finding: `${finding}: ${consequence}`,
      hint: 'For a cache set maxmemory and maxmemory-policy allkeys-lru or allkeys-lfu',
    }
  }
  if (policy.startsWith('volatile-')) {
    return { status: 'ok', finding: `${finding}: only entries with a ttl are evicted`, hint: 'Give every entry a ttl, or use an allkeys policy' }
  }
  return { status: 'ok', finding }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MiB`
}
