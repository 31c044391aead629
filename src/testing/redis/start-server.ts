import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command, Reply } from '../../transport/transport.ts'
import { askRedis } from './ask-redis.ts'
import { findProgram } from './find-program.ts'
import { redisConfig, type RedisSettings } from './redis-config.ts'
import { redisDirectory, removeDirectory } from './redis-directory.ts'
import { type RedisProcess, startRedisProcess } from './redis-process.ts'
import { redisUrl } from './redis-url.ts'

/** One redis-server of several that belong together. */
export interface LocalServer {
  readonly host: string
  readonly port: number
  /** `redis://` or `rediss://`, with the password: this server alone. */
  readonly url: string
  /** Sends commands over a connection of its own. @throws CacheError where Redis answers with an error, or not within two seconds */
  ask(...commands: readonly Command[]): Promise<readonly Reply[]>
  /** Ends it as a crash does. Its files stay. Nothing where it has ended already. */
  kill(): Promise<void>
  /** It keeps its connections and answers no more. @throws Error where it has ended */
  pause(): void
  /** Ends `pause`. @throws Error where it has ended */
  resume(): void
  /** Starts it again after `kill`, on its port and with its files. @throws Error where it still runs, or was stopped for good */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** @returns the full path of redis-server. @throws Error where there is none */
export async function findRedisServer(): Promise<string> {
  const program = await findProgram('redis-server')
  if (program === undefined) throw new Error('There is no redis-server on PATH: apt-get install redis-server, or brew install redis')
  return program
}

/** Files by name, as a server keeps them in its directory. */
type Files = ReadonlyMap<string, string>

/**
 * Starts a redis-server on a port of loopback.
 *
 * @param settings as of `startRedis`
 * @param files what it finds in its directory
 * @param first arguments before all others, such as the path of a configuration file
 */
export async function startServer(
  program: string,
  port: number,
  settings: RedisSettings,
  files: Files = new Map(),
  first: (directory: string) => readonly string[] = () => [],
): Promise<LocalServer> {
  const url = redisUrl(settings, port)
  const processes: RedisProcess[] = []
  let kept = files
  let directory = ''
  let isStopped = false

  async function start(): Promise<void> {
    const next = redisDirectory()
    try {
      for (const [name, text] of kept) await writeFile(join(next, name), text)
      const { args } = await redisConfig(settings, next, port)
      processes.push(await startRedisProcess(program, next, [...first(next), ...args]))
      directory = next
    } catch (error) {
      removeDirectory(next)
      throw error
    }
  }

  const hasEnded = (): boolean => processes.at(-1)?.hasEnded !== false
  function signal(verb: string, name: 'SIGSTOP' | 'SIGCONT'): void {
    if (hasEnded()) throw new Error(`${verb}: this server has ended`)
    processes.at(-1)?.signal(name)
  }
  await start()
  return {
    host: settings.tls ? 'localhost' : '127.0.0.1',
    port,
    url,
    ask: (...commands) => askRedis(url, settings.certificate?.ca, ...commands),
    async kill() {
      if (hasEnded()) return
      // Its directory goes with it: what it has learned is taken along for a restart.
      kept = new Map(await Promise.all([...files.keys()].map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const)))
      await processes.at(-1)?.crash()
    },
    pause: () => signal('pause', 'SIGSTOP'),
    resume: () => signal('resume', 'SIGCONT'),
    async restart() {
      if (isStopped) throw new Error('restart: this server was stopped, and its files are gone')
      if (!hasEnded()) throw new Error('restart: this server runs; kill() comes first')
      await start()
    },
    async stop() {
      isStopped = true
      await Promise.all(processes.map((one) => one.stop()))
    },
  }
}
