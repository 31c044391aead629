import { connect as connectTls } from 'node:tls'
import { checkFunction, describe, duration, isObject, refuseUnknown } from '../../options/checks.ts'
import type { NodeAddress } from '../../options/types.ts'
import { checkNodes } from '../nodes-settings.ts'
import type { TcpOptions } from '../tcp/tcp.ts'
import type { Transport } from '../transport.ts'
import { clusterTo } from './cluster-to.ts'

/** Options of {@link cluster}. */
export interface ClusterOptions extends TcpOptions {
  /** `fallback`: entries are read from a replica while their primary is out. Default `primary`. */
  readonly readFrom?: 'primary' | 'fallback'
  /** Where nodes are reached that go by another address than they announce. */
  readonly nodeAddress?: NodeAddress
}

/**
 * A Redis Cluster: each key at its node, each node with a connection and a cooldown of its own. On Node `createCache({ url })` does this
 * by itself; on Workers (with `nodejs_compat`) hand it in.
 *
 * @param urls `redis+cluster://user:password@host:6379,host:6379` or `rediss+cluster://…`; several are taken as one list of seeds
 * @throws TypeError or RangeError where a URL or an option cannot be used
 * @example
 * ```ts
 * import { createCache } from 'fastmiss'
 * import { cluster } from 'fastmiss/tcp'
 * const cache = createCache({ transport: cluster('rediss+cluster://clustercfg.example.com:6379') })
 * ```
 */
export function cluster(urls: string | readonly string[], options: ClusterOptions = {}): Transport {
  if (!isObject(options)) throw new TypeError(`options: expected an object, got ${describe(options)}`)
  refuseUnknown('', options, ['connectTimeout', 'createClient', 'tls', 'credentials', 'readFrom', 'nodeAddress'])
  const { connectTimeout, createClient } = options
  if (connectTimeout !== undefined) duration('connectTimeout', connectTimeout, 1)
  checkFunction('createClient', createClient)
  const [first, ...others] = (typeof urls === 'string' ? [urls] : [...urls]).map((url) => checkNodes(String(url), options))
  if (first === undefined || first.url.kind !== 'cluster') throw new TypeError('url: expected redis+cluster://host:6379 or rediss+cluster://…')
  for (const { url } of others) {
    const isAlike =
      url.kind === 'cluster' && url.isTls === first.url.isTls && JSON.stringify(url.credentials) === JSON.stringify(first.url.credentials)
    if (!isAlike) throw new TypeError('url: the URLs of one cluster differ in their hosts alone')
  }
  const seeds = [first, ...others].flatMap(({ url }) => url.seeds)
  const made = clusterTo({ ...first, url: { ...first.url, seeds } }, { connectTimeout, createClient, connectTls })
  return { name: 'cluster', spansSlots: false, ...made }
}
