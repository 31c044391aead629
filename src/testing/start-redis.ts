import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { findProgram } from './redis/find-program.ts'
import { redisConfig, type RedisSettings } from './redis/redis-config.ts'
import { type RedisProcess, startRedisProcess } from './redis/redis-process.ts'

/** What `startRedis` takes. Everything has a default. */
export interface StartRedisOptions {
  /** The port of loopback to listen on. Default: any free one. */
  readonly port?: number
  /** Asked of the default user. Default: none. */
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
 * Starts a real `redis-server` for a test: on a free port of loopback, empty, without persistence.
 * It ends with `stop()`, and by itself when this process ends in any way, a crash included. It does
 * not keep this process alive.
 *
 * @param options password, TLS, unix socket and more
 * @throws Error where there is no `redis-server`, or it refuses to start, with the end of its log
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
  const program = await findProgram('redis-server')
  if (program === undefined) {
    throw new Error('There is no redis-server on PATH: apt-get install redis-server, or brew install redis')
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnPort(program, options.port ?? (await freePort()), options)
    } catch (error) {
      const isTaken = error instanceof Error && error.message.includes('Address already in use')
      if (!isTaken || options.port !== undefined || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

async function startOnPort(program: string, port: number, options: StartRedisOptions): Promise<LocalRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'fastmiss-redis-'))
  const settings = withDefaults(options)
  const { args, ca, socketPath } = await redisConfig(settings, directory, port)
  const { stop }: RedisProcess = await startRedisProcess(program, directory, args)
  return {
    url: redisUrl(settings, port),
    port,
    ...(ca === undefined ? {} : { ca }),
    ...(socketPath === undefined ? {} : { socketPath }),
    binary: 'redis-server',
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function withDefaults(options: StartRedisOptions): RedisSettings {
  const { password, tls = false, unixSocket = false, maxclients, args = [] } = options
  return { password, tls, unixSocket, maxclients, args }
}

/** Over TLS the name is that of the certificate; workerd does not check addresses against it. */
function redisUrl({ tls, password }: RedisSettings, port: number): string {
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  return tls ? `rediss://${credentials}localhost:${port}` : `redis://${credentials}127.0.0.1:${port}`
}
