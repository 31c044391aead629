import { checkArguments, checkCount, checkOneOf, checkOptions, checkPassword, checkPort } from './check-values.ts'
import { freePort } from './free-port.ts'
import { announceEmbedded } from './redis/announce-embedded.ts'
import { findProgram } from './redis/find-program.ts'
import { redisConfig, type RedisSettings } from './redis/redis-config.ts'
import { redisDirectory, removeDirectory } from './redis/redis-directory.ts'
import { startRedisProcess } from './redis/redis-process.ts'
import { redisUrl } from './redis/redis-url.ts'
import type { StartedRedis } from './redis/started-redis.ts'

/** What `startRedis` takes. Everything has a default. */
export interface StartRedisOptions {
  /** The port of loopback to listen on. Default, and 0: any free one. */
  readonly port?: number
  /** Asked of the default user. Default, and the empty string: none. */
  readonly password?: string
  /**
   * Speaks TLS only, with a certificate made for this server; trust it through `ca`.
   * Needs the optional package `selfsigned`. Default: false.
   */
  readonly tls?: boolean
  /** Listens on a unix socket as well, at `socketPath`. Default: false. */
  readonly unixSocket?: boolean
  /** How many clients may be connected at once. Default: that of Redis, 10,000. */
  readonly maxclients?: number
  /** Which server it must be. Default: `redis-server` where there is one on PATH, else `embedded`. */
  readonly binary?: 'redis-server' | 'embedded'
  /** Further arguments of redis-server: `['--maxmemory', '10mb']`. Default: none. */
  readonly args?: readonly string[]
}

/** A Redis of one's own on loopback. */
export interface LocalRedis {
  /** `redis://` or `rediss://`, with the password. */
  readonly url: string
  readonly port: number
  /** PEM of the certificate to trust, where `tls` was asked for. */
  readonly ca?: string
  /** The path of the unix socket, where one was asked for. */
  readonly socketPath?: string
  /** What answers: the real server, or the embedded one. */
  readonly binary: 'redis-server' | 'embedded'
  /** Ends it, cuts its connections and removes its files. May be called again. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** How often a port is asked for anew, where another process took it first. */
const PORT_ATTEMPTS = 5

/**
 * Starts a Redis for a test: on a free port of loopback, empty, without persistence. It is the `redis-server` on PATH; where there is
 * none, an embedded one within this process, which says so on standard error. It ends with `stop()`, and by itself when this process
 * ends in any way, a crash included. It does not keep this process alive.
 * (Of the embedded one a SIGKILL leaves the directory of its unix socket.)
 *
 * The embedded one knows what a cache uses: strings, counters, expiry, sets, hashes, SCAN, transactions, RESP2 and RESP3, bounded memory.
 * Scripts, lists, streams and publishing are unknown commands to it.
 *
 * @param options password, TLS, unix socket and more
 * @throws TypeError or RangeError for an option that is unknown or cannot be used; Error where it refuses to start, with the end of its log; where the embedded one cannot do what `args` ask for
 * @example
 * ```ts
 * import { createCache } from 'fastmiss'
 * import { startRedis } from 'fastmiss/testing'
 *
 * await using redis = await startRedis()
 * const cache = createCache({ url: redis.url })
 * await cache.set('greeting', 'hello')
 * console.log(await cache.get('greeting')) // hello
 * ```
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<LocalRedis> {
  checkRedisOptions(options)
  const program = options.binary === 'embedded' ? undefined : await findProgram('redis-server')
  if (program !== undefined) return startReal(program, options)
  if (options.binary === 'redis-server') {
    throw new Error('There is no redis-server on PATH: apt-get install redis-server, or brew install redis')
  }
  if (options.binary === undefined) announceEmbedded()
  const settings = withDefaults(options)
  const { startEmbedded } = await import('./redis/embedded-redis.ts')
  return localRedis('embedded', settings, await startEmbedded(settings, options.port ?? 0))
}

function checkRedisOptions(options: StartRedisOptions): void {
  checkOptions(options, ['port', 'password', 'tls', 'unixSocket', 'maxclients', 'binary', 'args'])
  checkPort(options.port)
  checkPassword('password', options.password)
  checkCount('maxclients', options.maxclients, 1)
  checkOneOf('binary', options.binary, ['redis-server', 'embedded'])
  checkArguments(options.args)
}

async function startReal(program: string, options: StartRedisOptions): Promise<LocalRedis> {
  const settings = withDefaults(options)
  // redis-server takes 0 for none at all.
  const port = options.port === 0 ? undefined : options.port
  for (let attempt = 1; ; attempt++) {
    try {
      return localRedis('redis-server', settings, await startOnPort(program, port ?? (await freePort()), settings))
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('Address already in use')
      if (!isTaken || port !== undefined || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

async function startOnPort(program: string, port: number, settings: RedisSettings): Promise<StartedRedis> {
  const directory = redisDirectory()
  try {
    const { args, ca, socketPath } = await redisConfig(settings, directory, port)
    const { stop } = await startRedisProcess(program, directory, args)
    return { port, ca, socketPath, stop }
  } catch (error) {
    removeDirectory(directory)
    throw error
  }
}

function withDefaults(options: StartRedisOptions): RedisSettings {
  const { password, tls = false, unixSocket = false, maxclients, args = [] } = options
  return { password: password === '' ? undefined : password, tls, unixSocket, maxclients, args }
}

function localRedis(binary: LocalRedis['binary'], settings: RedisSettings, { port, ca, socketPath, stop }: StartedRedis): LocalRedis {
  return {
    url: redisUrl(settings, port),
    port,
    ...(ca === undefined ? {} : { ca }),
    ...(socketPath === undefined ? {} : { socketPath }),
    binary,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
