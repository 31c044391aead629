import type { NodesUrl } from '../../../options/nodes-url.ts'
import { checkNodes, type NodesSettings } from '../../../transport/nodes-settings.ts'
import { checked } from '../target-error.ts'

/** A cluster, or sentinels and what they watch. */
export interface NodesTarget extends Pick<NodesSettings, 'url' | 'placeOf'> {
  /** For the sentinels themselves. */
  readonly sentinelCredentials: NodesUrl['credentials']
}

/** They hold a password, which has no place on a command line. */
const SENTINEL = ['SENTINEL_USERNAME', 'SENTINEL_PASSWORD'] as const

/** What of a target is known by its URL. */
interface Found {
  readonly url: string
  readonly wire: 'tcp'
  readonly shown: string
  readonly isTls: boolean
  readonly hasCredentials: boolean
  readonly database: number
  readonly nodes: NodesTarget
}

/** Reads a URL of many nodes. @throws TargetError where it cannot be used */
export function nodesTarget(
  text: string,
  nodeAddress: Readonly<Record<string, string>> | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Found {
  const { url, placeOf } = checked(
    () => checkNodes(text, { nodeAddress }),
    'Expected redis+cluster://user:password@host:6379,host:6379 or redis+sentinel://…/name',
  )
  const [username, password] = SENTINEL.map((name) => env[name])
  const sentinelCredentials =
    username === undefined && password === undefined
      ? undefined
      : { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) }
  return {
    url: text,
    wire: 'tcp',
    shown: shownAs(url),
    isTls: url.isTls,
    hasCredentials: url.credentials !== undefined,
    database: url.database,
    nodes: { url, placeOf, sentinelCredentials },
  }
}

function shownAs({ kind, isTls, seeds, name, database }: NodesUrl): string {
  const hosts = seeds.map(({ host, port }) => `${bracketed(host)}:${port}`).join(',')
  const path = name === '' ? '' : `/${name}${database === 0 ? '' : `/${database}`}`
  return `${isTls ? 'rediss' : 'redis'}+${kind}://${hosts}${path}`
}

/** @returns as a URL has it */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
