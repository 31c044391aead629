import { connect as connectTls } from 'node:tls'
import { checkFunction, describe, duration, isObject, refuseUnknown } from '../../options/checks.ts'
import type { Credentials, NodeAddress } from '../../options/types.ts'
import { checkNodes } from '../nodes-settings.ts'
import type { TcpOptions } from '../tcp/tcp.ts'
import type { Transport } from '../transport.ts'
import { sentinelTo } from './sentinel-to.ts'

/** Options of {@link sentinel}. */
export interface SentinelOptions extends TcpOptions {
  /** As `credentials`, for the sentinels themselves. Default: none. */
  readonly sentinelCredentials?: Credentials
  /** `fallback`: entries are read from a replica while the primary is out. Default `primary`. */
  readonly readFrom?: 'primary' | 'fallback'
  /** Where sentinels and nodes are reached that go by another address than they announce. */
  readonly nodeAddress?: NodeAddress
}

/**
 * The primary that sentinels name. On Node `createCache({ url })` does this by itself; on Workers (with `nodejs_compat`) hand it in.
 *
 * @param url `redis+sentinel://user:password@host:26379,host:26379/name/0` or `rediss+sentinel://…`; user and password are Redis's
 * @throws TypeError or RangeError where the URL or an option cannot be used
 * @example
 * ```ts
 * import { createCache } from 'fastmiss'
 * import { sentinel } from 'fastmiss/tcp'
 * const cache = createCache({ transport: sentinel('redis+sentinel://s1.example.com,s2.example.com/mymaster') })
 * ```
 */
export function sentinel(url: string, options: SentinelOptions = {}): Transport {
  if (!isObject(options)) throw new TypeError(`options: expected an object, got ${describe(options)}`)
  refuseUnknown('', options, ['connectTimeout', 'createClient', 'tls', 'credentials', 'sentinelCredentials', 'readFrom', 'nodeAddress'])
  const { connectTimeout, createClient } = options
  if (connectTimeout !== undefined) duration('connectTimeout', connectTimeout, 1)
  checkFunction('createClient', createClient)
  const settings = checkNodes(String(url), options)
  if (settings.url.kind !== 'sentinel') throw new TypeError('url: expected redis+sentinel://host:26379/name or rediss+sentinel://…')
  return { name: 'sentinel', spansSlots: false, ...sentinelTo(settings, { connectTimeout, createClient, connectTls }) }
}
