import { join } from 'node:path'
import type { Reply } from '../transport/transport.ts'
import { checkArguments, checkCount, checkOptions, checkPassword } from './check-values.ts'
import { lowPorts } from './low-ports.ts'
import { findRedisServer, type LocalServer, startServer } from './redis/start-server.ts'
import { untilReady } from './redis/until-ready.ts'

/** What `startSentinel` takes. Everything has a default. */
export interface StartSentinelOptions {
  /** Replicas of the primary. Default: 1. */
  readonly replicas?: number
  /** Sentinels. Default: 3. */
  readonly sentinels?: number
  /** What the sentinels call the primary. Default: `mymaster`. */
  readonly name?: string
  /** Asked of the default user by the primary and its replicas. Default: none. */
  readonly password?: string
  /** Asked by the sentinels. Default: none. */
  readonly sentinelPassword?: string
  /** ms after which a sentinel takes the primary for dead. Default: 1,000. */
  readonly downAfter?: number
  /** Further arguments of the primary and its replicas. Default: none. */
  readonly args?: readonly string[]
}

/** A primary with replicas, watched by sentinels, on loopback. */
export interface LocalSentinel {
  /** `redis+sentinel://`, with the password of the primary, all sentinels and the primary's name. */
  readonly url: string
  readonly name: string
  /** The first was the primary at the start. */
  readonly nodes: readonly Omit<LocalServer, 'stop'>[]
  readonly sentinels: readonly Omit<LocalServer, 'stop'>[]
  /** The primary as the sentinels see it. */
  primary(): Promise<Omit<LocalServer, 'stop'>>
  /** Has the sentinels put a replica in the primary's place. @returns the new primary, once it is one and every sentinel names it */
  failover(): Promise<Omit<LocalServer, 'stop'>>
  /** Ends them all and removes their files. May be called again. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** How often ports are picked anew, where another process took one of them first. */
const PORT_ATTEMPTS = 5
/** Far more than one machine runs. */
const MOST_NODES = 1_000
const HOST = '127.0.0.1'

/**
 * Starts a primary, its replicas and their sentinels for a test: real processes on ports of loopback below 32,768, empty, without
 * persistence. Up in two to three seconds. It ends with `stop()`, and by itself when this process ends in any way.
 *
 * @param options how many of each, passwords
 * @throws TypeError or RangeError for an option that is unknown or cannot be used; Error where there is no redis-server, or it is not up within 20 seconds
 * @example
 * ```ts
 * import { createCache } from 'fastmiss'
 * import { startSentinel } from 'fastmiss/testing'
 *
 * await using watched = await startSentinel()
 * const cache = createCache({ url: watched.url })
 * await watched.failover()
 * console.log(await cache.set('greeting', 'hello')) // true: the sentinels say who the primary is
 * ```
 */
export async function startSentinel(options: StartSentinelOptions = {}): Promise<LocalSentinel> {
  checkSentinelOptions(options)
  const program = await findRedisServer()
  for (let attempt = 1; ; attempt += 1) {
    const started: LocalServer[] = []
    const stop = async (): Promise<void> => void (await Promise.all(started.map((server) => server.stop())))
    try {
      return await startAll(program, options, started, stop)
    } catch (error) {
      await stop()
      const isTaken = error instanceof Error && error.message.includes('Address already in use')
      if (!isTaken || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

function checkSentinelOptions(options: StartSentinelOptions): void {
  checkOptions(options, ['replicas', 'sentinels', 'name', 'password', 'sentinelPassword', 'downAfter', 'args'])
  checkCount('replicas', options.replicas, 0, MOST_NODES)
  checkCount('sentinels', options.sentinels, 1, MOST_NODES)
  // All that Sentinel itself takes.
  if (!/^[\w.-]+$/.test(options.name ?? 'mymaster')) throw new TypeError('name: expected letters, digits and . - _')
  checkPassword('password', options.password)
  checkPassword('sentinelPassword', options.sentinelPassword)
  checkCount('downAfter', options.downAfter, 1)
  checkArguments(options.args)
}

async function startAll(program: string, options: StartSentinelOptions, started: LocalServer[], stop: () => Promise<void>): Promise<LocalSentinel> {
  const { replicas = 1, sentinels = 3, name = 'mymaster', password, sentinelPassword, args = [] } = options
  const [primaryPort = 0, ...ports] = await lowPorts(1 + replicas + sentinels)
  const settings = { tls: false, unixSocket: false, maxclients: undefined }
  const start = async (...given: Parameters<typeof startServer>): Promise<LocalServer> => {
    const server = await startServer(...given)
    started.push(server)
    return server
  }
  const common = [
    '--repl-ping-replica-period',
    '1',
    '--repl-diskless-sync-delay',
    '0',
    ...(password === undefined ? [] : ['--masterauth', password]),
    ...args,
  ]
  const startNode = (port: number, own: readonly string[]): Promise<LocalServer> =>
    start(program, port, { ...settings, password, args: [...common, ...own] })
  const primary = await startNode(primaryPort, [])
  const followers = await Promise.all(ports.slice(0, replicas).map((port) => startNode(port, ['--replicaof', `${HOST} ${primaryPort}`])))
  // A sentinel that comes too early takes a replica that is still loading for a dead one.
  await untilReady('the replicas follow the primary', async () => {
    const infos = await Promise.all(followers.map((node) => node.ask(['INFO', 'replication'])))
    return infos.every(([info]) => String(info).includes('master_link_status:up'))
  })
  const watchers = await Promise.all(
    ports
      .slice(replicas)
      .map((port) =>
        start(
          program,
          port,
          { ...settings, password: sentinelPassword, args: [] },
          new Map([['sentinel.conf', sentinelConf(options, name, primaryPort, Math.floor(sentinels / 2) + 1)]]),
          (directory) => [join(directory, 'sentinel.conf'), '--sentinel'],
        ),
      ),
  )
  const nodes = [primary, ...followers]
  await untilReady('the sentinels know each other and the replicas', async () => {
    const views = await Promise.all(watchers.map((one) => one.ask(['SENTINEL', 'MASTER', name])))
    return views.every(([view]) => Number(fieldOf(view, 'num-slaves')) === replicas && Number(fieldOf(view, 'num-other-sentinels')) === sentinels - 1)
  })

  async function namedBy(sentinel: LocalServer): Promise<LocalServer | undefined> {
    const [address] = await sentinel.ask(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name])
    const port = Number((address as readonly Reply[] | null)?.[1])
    return nodes.find((node) => node.port === port)
  }

  async function currentPrimary(): Promise<LocalServer> {
    for (const sentinel of watchers) {
      const named = await namedBy(sentinel).catch(() => undefined)
      if (named !== undefined) return named
    }
    throw new Error('No sentinel names a primary')
  }

  async function failover(): Promise<LocalServer> {
    const before = await currentPrimary()
    await untilReady('a sentinel begins the failover', async () => {
      for (const sentinel of watchers) {
        await sentinel.ask(['SENTINEL', 'FAILOVER', name])
        return true
      }
      return false
    })
    await untilReady('every sentinel names the new primary', async () => {
      const named = await Promise.all(watchers.map(namedBy))
      const [next] = named
      if (next === undefined || next === before || named.some((one) => one !== next)) return false
      return String((await next.ask(['ROLE']))[0]).startsWith('master')
    })
    return currentPrimary()
  }

  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`
  return {
    url: `redis+sentinel://${credentials}${watchers.map(({ port }) => `${HOST}:${port}`).join(',')}/${name}`,
    name,
    nodes,
    sentinels: watchers,
    primary: currentPrimary,
    failover,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function sentinelConf({ password, downAfter = 1_000 }: StartSentinelOptions, name: string, port: number, quorum: number): string {
  return [
    `sentinel monitor ${name} ${HOST} ${port} ${quorum}`,
    `sentinel down-after-milliseconds ${name} ${downAfter}`,
    // Twice as long a failover is not begun again.
    `sentinel failover-timeout ${name} 3000`,
    ...(password === undefined ? [] : [`sentinel auth-pass ${name} ${JSON.stringify(password)}`]),
    '',
  ].join('\n')
}

/** A field of a reply that lists names and values in turn. */
function fieldOf(reply: Reply | undefined, field: string): Reply | undefined {
  if (!Array.isArray(reply)) return undefined
  const at = (reply as readonly Reply[]).indexOf(field)
  return at === -1 ? undefined : (reply as readonly Reply[])[at + 1]
}
