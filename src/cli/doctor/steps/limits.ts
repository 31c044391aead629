import { resolveOptions } from '../../../options/resolve-options.ts'
import { askAll, readInfo } from '../ask.ts'
import type { Outcome, Step, Visit } from '../step.ts'

/** From Upstash's documentation: it is told nowhere else. */
const UPSTASH = 'Upstash: key 32 KB, request 10 MB, record 100 MB'
/** The share of maxclients from which it is worth a word. */
const CROWDED = 0.8

/** The largest key and entry: what this package refuses by default, and what the other side takes. */
export const limits: Step = {
  name: 'limits',
  async run(visit) {
    const { keyBytes, valueBytes } = resolveOptions({ url: 'memory:' })
    const own = `fastmiss: key ${kibibytes(keyBytes)}, entry ${kibibytes(valueBytes)}`
    if (visit.target.wire === 'http') return { status: 'ok', finding: `${own}; ${UPSTASH}` }
    return visit.target.wire === 'tcp' ? ofRedis(visit, own) : { status: 'ok', finding: own }
  },
}

async function ofRedis(visit: Visit, own: string): Promise<Outcome> {
  const [setting, information = null] = await askAll(visit, [
    ['CONFIG', 'GET', 'proto-max-bulk-len'],
    ['INFO', 'clients'],
  ])
  const clients = readInfo(information)
  const longest = Array.isArray(setting) ? Number(setting[1]) : Number.NaN
  const [connected, most] = [Number(clients?.get('connected_clients')), Number(clients?.get('maxclients'))]
  const theirs = [
    Number.isNaN(longest) ? undefined : `string ${kibibytes(longest)}`,
    Number.isNaN(connected) ? undefined : `clients ${connected}${Number.isNaN(most) ? '' : ` of ${most}`}`,
  ].filter((part) => part !== undefined)
  const finding = `${own}; Redis: ${theirs.length === 0 ? 'does not tell' : theirs.join(', ')}`
  if (connected > most * CROWDED)
    return { status: 'warning', finding, hint: 'Soon no client gets in: raise maxclients, or find who holds connections' }
  return { status: 'ok', finding }
}

function kibibytes(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.round(bytes / 1_024)} KiB` : `${Math.round(bytes / 1_048_576)} MiB`
}
