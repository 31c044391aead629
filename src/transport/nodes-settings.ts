import { checkFunction, describe } from '../options/checks.ts'
import { createNodeAddress, type NodePlace } from '../options/node-address.ts'
import { type HostPort, type NodesUrl, parseNodesUrl } from '../options/nodes-url.ts'
import type { Credentials, NodeAddress } from '../options/types.ts'
import { parseAddress } from './tcp/address.ts'

/** What is given beside the URL of a cluster or of sentinels. */
export interface NodesOptions {
  readonly tls?: Readonly<Record<string, unknown>> | undefined
  readonly credentials?: Credentials | undefined
  readonly readFrom?: 'primary' | 'fallback' | undefined
  readonly nodeAddress?: NodeAddress | undefined
  readonly sentinelCredentials?: Credentials | undefined
}

/** The same, checked. */
export interface NodesSettings {
  readonly url: NodesUrl
  readonly readsReplicas: boolean
  readonly placeOf: (announced: HostPort) => NodePlace | undefined
  readonly tls: Readonly<Record<string, unknown>> | undefined
  readonly credentials: Credentials | undefined
  readonly sentinelCredentials: Credentials | undefined
}

/** @throws TypeError that names the option, what was given (never a secret) and what is allowed */
export function checkNodes(href: string, options: NodesOptions): NodesSettings {
  const url = parseNodesUrl(href)
  const { tls, readFrom = 'primary', nodeAddress, credentials, sentinelCredentials } = options
  checkFunction('credentials', credentials)
  checkFunction('sentinelCredentials', sentinelCredentials)
  if (credentials !== undefined && url.credentials !== undefined) {
    throw new TypeError('credentials: the URL holds a user name or password too; give one of them')
  }
  if (sentinelCredentials !== undefined && url.kind !== 'sentinel')
    throw new TypeError('sentinelCredentials: is for redis+sentinel:, and the URL is of a cluster')
  if (readFrom !== 'primary' && readFrom !== 'fallback') throw new TypeError(`readFrom: expected 'primary' or 'fallback', got ${describe(readFrom)}`)
  const known = url.credentials
  const own = credentials ?? (known === undefined ? undefined : () => Promise.resolve(known))
  // TLS options are checked as those of one address are.
  parseAddress(url.isTls ? 'rediss://localhost' : 'redis://localhost', { tls, credentials: own })
  return { url, readsReplicas: readFrom === 'fallback', placeOf: createNodeAddress(nodeAddress), tls, credentials: own, sentinelCredentials }
}
