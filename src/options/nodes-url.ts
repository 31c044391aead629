/** One host of several. */
export interface HostPort {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/** What the URL of a cluster or of sentinels says, checked and decoded. */
export interface NodesUrl {
  readonly kind: 'cluster' | 'sentinel'
  readonly isTls: boolean
  /** Cluster nodes or sentinels to begin with, at least one. */
  readonly seeds: readonly HostPort[]
  /** For the Redis behind them; absent where the URL has none. */
  readonly credentials: { readonly username?: string; readonly password?: string } | undefined
  /** What sentinels call the primary; empty for a cluster. */
  readonly name: string
  readonly database: number
}

const SCHEME = /^(rediss?)[+-](cluster|sentinel):$/i
const EXPECTED = {
  cluster: 'redis+cluster://user:password@host:6379,host:6379',
  sentinel: 'redis+sentinel://user:password@host:26379,host:26379/name/0',
} as const
const DEFAULT_PORT = { cluster: 6_379, sentinel: 26_379 } as const

/**
 * Reads the URL of a cluster or of sentinels. `new URL` refuses a list of hosts.
 *
 * @throws TypeError where it cannot be used; it never quotes it, since it may hold a password
 */
export function parseNodesUrl(url: string): NodesUrl {
  const found = /^([a-z+-]+:)\/\/(?:([^@/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(\?[^#]*)?$/i.exec(url)
  const [, family = '', kind = ''] = SCHEME.exec(found?.[1] ?? '') ?? []
  if (found === null || (kind.toLowerCase() !== 'cluster' && kind.toLowerCase() !== 'sentinel')) {
    throw new TypeError(
      `url: cannot be parsed. Expected ${EXPECTED.cluster} or ${EXPECTED.sentinel}; percent-encode special characters in the password`,
    )
  }
  const what = kind.toLowerCase() === 'cluster' ? 'cluster' : 'sentinel'
  const [, , userInfo, hosts = '', path = '', query = ''] = found
  refuseQuery(query, what)
  return {
    kind: what,
    isTls: family.toLowerCase() === 'rediss',
    seeds: hosts.split(',').map((host) => readHost(host, what)),
    credentials: readUserInfo(userInfo),
    ...(what === 'cluster' ? clusterPath(path) : sentinelPath(path)),
  }
}

/** @returns host and port, or undefined where the text is not `host:port`; the last colon counts, since IPv6 comes without brackets too */
export function splitAddress(text: string): HostPort | undefined {
  const [, bracketed, plain = '', digits] = /^(?:\[([^\]]+)\]|([^\s/@[\]]*)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  return digits === undefined || port < 1 || port > 65_535 ? undefined : { host: bracketed ?? plain, port }
}

function readHost(text: string, kind: NodesUrl['kind']): HostPort {
  const place = text.trim()
  const isAlone = place !== '' && /^(\[[^\]]+\]|[^:\s[\]]+)$/.test(place)
  const address = splitAddress(isAlone ? `${place}:${DEFAULT_PORT[kind]}` : place)
  if (address === undefined || address.host === '') throw new TypeError(`url: each host must be host or host:port. Expected ${EXPECTED[kind]}`)
  return address
}

function readUserInfo(text: string | undefined): NodesUrl['credentials'] {
  if (text === undefined || text === '') return undefined
  const colon = text.indexOf(':')
  const username = decode(colon === -1 ? text : text.slice(0, colon))
  const password = colon === -1 ? '' : decode(text.slice(colon + 1))
  return { ...(username === '' ? {} : { username }), ...(password === '' ? {} : { password }) }
}

function clusterPath(path: string): Pick<NodesUrl, 'name' | 'database'> {
  if (!/^\/?0?$/.test(path)) throw new TypeError('url: a cluster has database 0 alone; leave the path out')
  return { name: '', database: 0 }
}

function sentinelPath(path: string): Pick<NodesUrl, 'name' | 'database'> {
  const [, name = '', database = '0', ...more] = path.split('/')
  if (name === '') throw new TypeError(`url: names no primary. Expected ${EXPECTED.sentinel}, with the name that the sentinels know`)
  if (more.length > 0 || !/^\d{0,5}$/.test(database))
    throw new TypeError(`url: the path names the primary and the database. Expected ${EXPECTED.sentinel}`)
  return { name: decode(name), database: Number(database) }
}

function refuseQuery(query: string, kind: NodesUrl['kind']): void {
  const [name] = new URLSearchParams(query).keys()
  if (name === undefined) return
  // What stands before an @ is not a parameter but half of a password that was not encoded.
  if (!/^[A-Za-z][\w.-]{0,31}$/.test(name) || query.includes('@')) {
    throw new TypeError('url: what stands behind the ? is no parameter; percent-encode special characters in the password (%3F for a ?)')
  }
  throw new TypeError(`url: unknown parameter '${name}'. Expected ${EXPECTED[kind]}`)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new TypeError('url: holds a % that is not percent-encoding; write %25 for a percent sign')
  }
}
