import type { RedisClientOptions, RedisFunctions, RedisModules, RedisScripts } from '@redis/client'
import { CacheError } from '../errors.ts'
import type { Credentials } from '../types.ts'

/** What is used of a node-redis client. */
export interface Driver {
  connect(): Promise<unknown>
  sendCommand(args: readonly string[]): Promise<unknown>
  destroy(): void
  unref(): void
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'connect' | 'ready', listener: () => void): unknown
  readonly isReady: boolean
}

/** node-redis's options for RESP 2. */
export type DriverOptions = RedisClientOptions<RedisModules, RedisFunctions, RedisScripts, 2>

/** What the driver's options are made from, beside the URL. */
export interface DriverInput {
  readonly tls?: Readonly<Record<string, unknown>>
  readonly credentials?: Credentials
}

/** After the connection's own deadline, in case the signal is not heeded (Bun, Deno): the driver must not keep a dead socket for ever. */
const SOCKET_CONNECT_TIMEOUT = 60_000

/**
 * node-redis's options for a URL, every default that matters set explicitly (@redis/client 6.3).
 *
 * @returns makes the options of one connection, whose socket ends with the signal
 * @throws TypeError where the URL or `tls` cannot be used; it never quotes them
 */
export function driverOptions(url: URL, { tls, credentials }: DriverInput): (signal: AbortSignal) => DriverOptions {
  const isTls = url.protocol === 'rediss:'
  if (!isTls && url.protocol !== 'redis:' && url.protocol !== 'unix:') {
    throw new TypeError(`url: unknown scheme '${url.protocol}'. TCP takes redis:, rediss: and unix:`)
  }
  if (tls !== undefined && !isTls) throw new TypeError(`tls: needs a rediss: URL, got ${url.protocol}`)
  const isUnix = url.protocol === 'unix:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (!isUnix && host === '') throw new TypeError('url: names no host. Expected redis://host:6379')
  if (isUnix && url.pathname === '') throw new TypeError('url: names no path. Expected unix:///path/to/socket')
  const address = isUnix ? { path: decode(url.pathname) } : { host, port: url.port === '' ? 6379 : Number(url.port) }
  const provider = credentialsProvider(url, credentials)
  return (signal) => ({
    socket: {
      ...(isTls ? { servername: isAddress(host) ? undefined : host, ...tls, tls: true } : { tls: false }),
      ...address,
      // Node ends the socket with it, even before it is connected: `destroy()` alone leaves such a socket open.
      signal,
      reconnectStrategy: false,
      connectTimeout: SOCKET_CONNECT_TIMEOUT,
      noDelay: true,
      keepAlive: true,
    } as NonNullable<DriverOptions['socket']>,
    database: database(url),
    ...(provider === undefined ? {} : { credentialsProvider: provider }),
    // RESP 3 costs a HELLO; maintenance notifications a DNS lookup, and Deno's permission for the environment.
    RESP: 2,
    maintNotifications: 'disabled',
    disableClientInfo: true,
    // A command that waits for the connection rides behind its handshake; without the queue the first get would fail.
    disableOfflineQueue: false,
    pingInterval: 0,
    // Its per-command timeout is an AbortSignal each; the deadline is ours.
    commandOptions: { timeout: 0 },
  })
}

type Provider = NonNullable<DriverOptions['credentialsProvider']>

function credentialsProvider(url: URL, credentials: Credentials | undefined): Provider | undefined {
  const hasOwn = url.username !== '' || url.password !== ''
  if (credentials !== undefined && hasOwn) throw new TypeError('credentials: the URL holds a user name or password too; give one of them')
  if (credentials !== undefined) return { type: 'async-credentials-provider', credentials: () => ask(credentials) }
  if (!hasOwn) return undefined
  const known = {
    ...(url.username === '' ? {} : { username: decode(url.username) }),
    ...(url.password === '' ? {} : { password: decode(url.password) }),
  }
  return { type: 'async-credentials-provider', credentials: () => Promise.resolve(known) }
}

async function ask(credentials: Credentials): Promise<{ username?: string; password?: string }> {
  try {
    return { ...(await credentials()) }
  } catch {
    // Its message may hold a secret; the caller's own function can report it.
    throw new CacheError('auth', 'credentials() was rejected', { phase: 'connect', isFatal: true, isOutage: true })
  }
}

function database(url: URL): number {
  const text = url.protocol === 'unix:' ? (url.searchParams.get('db') ?? '') : url.pathname.replace(/^\//, '')
  if (text === '') return 0
  if (!/^\d{1,5}$/.test(text)) throw new TypeError('url: the path names the database and must be a number, as in redis://host:6379/0')
  return Number(text)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new TypeError('url: holds a % that is not percent-encoding; write %25 for a percent sign')
  }
}

/** SNI takes names only (RFC 6066 section 3). */
function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+(\.\d+){3}$/.test(host)
}
