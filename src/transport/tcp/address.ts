import { describe, isObject } from '../../options/checks.ts'
import { CacheError } from '../../errors.ts'
import type { Credentials } from '../../options/types.ts'
import { parseUrl, refuseParameters } from '../../options/url.ts'

/** What a TCP URL says, checked and decoded. */
export interface TcpAddress {
  /** Options of `net.connect` or `tls.connect`. */
  readonly socket: Readonly<Record<string, unknown>>
  readonly isTls: boolean
  readonly database: number
  /** Asked once per connection; absent where Redis asks for no credentials. */
  readonly credentials: Credentials | undefined
}

/** What may be given beside the URL. */
export interface TcpAddressOptions {
  readonly tls?: Readonly<Record<string, unknown>> | undefined
  readonly credentials?: Credentials | undefined
}

/** The schemes that mean TCP. */
export function isTcpScheme(protocol: string): boolean {
  return /^(rediss?|unix):$/.test(protocol)
}

/**
 * `redis://user:password@host:6379/0`, `rediss://…?db=0` or `unix:///path/to/socket?db=0`.
 *
 * @throws TypeError where the URL or an option cannot be used; it never quotes them
 */
export function parseAddress(href: string, { tls, credentials }: TcpAddressOptions): TcpAddress {
  const url = parseUrl(href)
  if (!isTcpScheme(url.protocol)) throw new TypeError(`url: unknown scheme '${url.protocol}'. TCP takes redis:, rediss: and unix:`)
  const isTls = url.protocol === 'rediss:'
  if (tls !== undefined && !isObject(tls)) throw new TypeError(`tls: expected an object for tls.connect, got ${describe(tls)}`)
  if (tls !== undefined && !isTls) throw new TypeError(`tls: needs a rediss: URL, got ${url.protocol}`)
  refuseParameters(url, ['db'], 'everything else is an option of createCache or tcp')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    // SNI takes names only (RFC 6066 section 3).
    socket: { ...(isTls && !isIpAddress(host) ? { servername: host } : {}), ...tls, ...place(url, host) },
    isTls,
    database: database(url),
    credentials: credentialsOf(url, credentials),
  }
}

function place(url: URL, host: string): { path: string } | { host: string; port: number } {
  if (url.protocol !== 'unix:') {
    if (host === '') throw new TypeError('url: names no host. Expected redis://host:6379')
    return { host, port: url.port === '' ? 6379 : Number(url.port) }
  }
  if (url.pathname === '' || url.pathname === '/') throw new TypeError('url: names no path. Expected unix:///path/to/socket')
  return { path: decode(url.pathname) }
}

function credentialsOf(url: URL, credentials: Credentials | undefined): Credentials | undefined {
  const hasOwn = url.username !== '' || url.password !== ''
  if (credentials !== undefined) {
    if (hasOwn) throw new TypeError('credentials: the URL holds a user name or password too; give one of them')
    return () => ask(credentials)
  }
  if (!hasOwn) return undefined
  const known = {
    ...(url.username === '' ? {} : { username: decode(url.username) }),
    ...(url.password === '' ? {} : { password: decode(url.password) }),
  }
  return () => Promise.resolve(known)
}

async function ask(credentials: Credentials): Promise<{ username?: string; password?: string }> {
  const details = { phase: 'connect', isFatal: true, isOutage: true } as const
  let given: Readonly<Record<string, unknown>>
  try {
    given = { ...(await credentials()) }
  } catch {
    // Its message may hold a secret; the caller's own function can report it.
    throw new CacheError('auth', 'credentials() was rejected', details)
  }
  const { username, password } = given
  if (!isTextOrAbsent(username) || !isTextOrAbsent(password)) {
    throw new CacheError('auth', 'credentials: expected { username, password } as text', details)
  }
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) }
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

/** A socket's path is a path, so that its database can only stand behind the ?. */
function database(url: URL): number {
  const named = url.searchParams.getAll('db').map((text) => databaseNumber(text, 'db must be a number, as in redis://host:6379?db=0'))
  const path = url.protocol === 'unix:' ? '' : url.pathname.replace(/^\/|\/$/g, '')
  if (path !== '') named.push(databaseNumber(path, 'the path names the database and must be a number, as in redis://host:6379/0'))
  const [first = 0] = named
  if (named.some((one) => one !== first)) throw new TypeError('url: names two databases; give one of the path and db')
  return first
}

function databaseNumber(text: string, refusal: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new TypeError(`url: ${refusal}`)
  return Number(text)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new TypeError('url: holds a % that is not percent-encoding; write %25 for a percent sign')
  }
}

function isIpAddress(host: string): boolean {
  return host.includes(':') || /^\d+(\.\d+){3}$/.test(host)
}
