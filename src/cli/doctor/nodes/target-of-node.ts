import type { HostPort } from '../../../options/nodes-url.ts'
import type { Target } from '../target.ts'
import { bracketed, type NodesTarget } from './nodes-target.ts'

/**
 * One node as a target of its own, reached where `--node-address` says.
 *
 * @param as what it is spoken to as: a sentinel has credentials of its own and no databases
 */
export function targetOf(target: Target, nodes: NodesTarget, announced: HostPort, as: 'node' | 'sentinel' = 'node'): Target {
  const { url, placeOf, sentinelCredentials } = nodes
  const place = placeOf(announced)?.reached ?? announced
  const credentials = as === 'sentinel' ? sentinelCredentials : url.credentials
  const database = as === 'sentinel' ? 0 : url.database
  const who = [credentials?.username ?? '', credentials?.password ?? ''].map(encodeURIComponent).join(':')
  const { nodes: _many, ...common } = target
  return {
    ...common,
    url: `${url.isTls ? 'rediss' : 'redis'}://${credentials === undefined ? '' : `${who}@`}${bracketed(place.host)}:${place.port}/${database}`,
    shown: `${bracketed(announced.host)}:${announced.port}`,
    place,
    // As a cache does it: TLS proves the name that the node announces, however it is reached.
    ...(place !== announced && isName(announced.host) ? { servername: announced.host } : {}),
    hasCredentials: credentials !== undefined,
    database,
  }
}

function isName(host: string): boolean {
  return !host.includes(':') && !/^\d+(\.\d+){3}$/.test(host)
}
