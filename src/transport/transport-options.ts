import { checkSecret, describe, duration, isObject } from '../options/checks.ts'
import type { ResolvedOptions } from '../options/resolve-options.ts'
import type { Transport } from './transport.ts'
import type { CacheSettings, CreateClient, Credentials, FetchCache } from '../options/types.ts'
import { isNodesScheme, parseUrl, schemeOf } from '../options/url.ts'
import type { NodesOptions } from './nodes-settings.ts'

/** What a transport is made from. */
export interface TransportOptions {
  /** Of many nodes its scheme alone: `new URL` refuses a list of hosts. */
  readonly url: URL
  /** For many nodes: the whole URL, and what is for them alone. */
  readonly nodes?: { readonly href: string; readonly options: NodesOptions }
  readonly token: string | undefined
  readonly connectTimeout: number
  readonly valueBytes: number
  readonly createClient: CreateClient | undefined
  readonly tls: Readonly<Record<string, unknown>> | undefined
  readonly credentials: Credentials | undefined
  /** The cache keeps copies in this process. */
  readonly hasCopies: boolean
  readonly fetchCache: FetchCache | undefined
}

/** Options that one kind of transport takes. Where another would ignore them, somebody believes in them in vain. */
const FOR_TCP = ['tls', 'credentials', 'createClient'] as const
const FOR_HTTP = ['token', 'fetchCache'] as const
const FOR_NODES = ['readFrom', 'nodeAddress', 'sentinelCredentials'] as const
const FOR_ANY_URL = [...FOR_HTTP, ...FOR_TCP, ...FOR_NODES, 'connectTimeout'] as const

const FETCH_CACHE: readonly FetchCache[] = ['no-store', 'default', 'force-cache']

/**
 * The transport that was handed in, or what one is to be made from.
 *
 * @throws TypeError where neither `url` nor `transport` is given, both are, or one cannot be used
 */
export function resolveTransport(
  options: CacheSettings & { readonly transport?: Transport },
  resolved: ResolvedOptions,
): Transport | TransportOptions {
  const { url, transport } = options
  if (transport !== undefined) {
    if (url !== undefined) throw new TypeError('transport: give either url or transport, not both')
    if (!isObject(transport) || typeof transport.open !== 'function') {
      throw new TypeError("transport: expected a transport, such as tcp(url) from 'fastmiss/tcp'")
    }
    refuse(options, FOR_ANY_URL, 'belongs to the transport; give it there, as in tcp(url, options)')
    return transport
  }
  if (url === undefined || url === '') {
    throw new TypeError(
      'url: required. Give redis://host:6379, rediss://…, https://….upstash.io with a token, or memory: for a cache in this process',
    )
  }
  if (typeof url !== 'string') throw new TypeError(`url: expected a string, got ${describe(url)}`)
  const { token } = options
  checkSecret('token', token)
  const scheme = schemeOf(url)
  const isOfNodes = isNodesScheme(scheme)
  const parsed = isOfNodes ? new URL(scheme) : parseUrl(url)
  refuseMisplaced(options, parsed.protocol)
  return {
    url: parsed,
    ...(isOfNodes ? { nodes: { href: url, options } } : {}),
    token,
    connectTimeout: options.connectTimeout === undefined ? resolved.timeout : duration('connectTimeout', options.connectTimeout, 1),
    valueBytes: resolved.valueBytes,
    createClient: options.createClient,
    tls: options.tls,
    credentials: options.credentials,
    hasCopies: resolved.memory !== undefined,
    fetchCache: checkFetchCache(options.fetchCache),
  }
}

/** `memory:` stands in for any of them at a desk, and takes what they take. */
function refuseMisplaced(options: CacheSettings, protocol: string): void {
  if (isNodesScheme(protocol)) return refuse(options, FOR_HTTP, `is for Upstash's REST API, and the URL is ${protocol}`)
  if (protocol !== 'memory:') refuse(options, FOR_NODES, `is for redis+cluster: and redis+sentinel:, and the URL is ${protocol}`)
  if (protocol === 'http:' || protocol === 'https:') refuse(options, FOR_TCP, `is for TCP, and the URL is ${protocol}`)
  if (protocol === 'redis:' || protocol === 'rediss:' || protocol === 'unix:') {
    refuse(options, ['fetchCache'], `is for Upstash's REST API, and the URL is ${protocol}`)
    refuse(options, ['token'], `is for Upstash's REST API, and the URL is ${protocol}; a password goes into it, or comes from credentials`)
  }
}

function refuse(options: CacheSettings, names: readonly (typeof FOR_ANY_URL)[number][], why: string): void {
  const misplaced = names.find((name) => options[name] !== undefined)
  if (misplaced !== undefined) throw new TypeError(`${misplaced}: ${why}`)
}

function checkFetchCache(fetchCache: FetchCache | undefined): FetchCache | undefined {
  if (fetchCache === undefined || FETCH_CACHE.includes(fetchCache)) return fetchCache
  throw new TypeError(`fetchCache: expected ${FETCH_CACHE.join(', ')}, got ${describe(fetchCache)}`)
}
