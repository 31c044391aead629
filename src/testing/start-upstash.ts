import { once } from 'node:events'
import { createServer, validateHeaderValue } from 'node:http'
import type { Socket } from 'node:net'
import { startRedis } from './start-redis.ts'
import { checkDose, checkKnown, checkOptions, checkPort } from './check-values.ts'
import { createBackend } from './upstash/backend.ts'
import { GATEWAY_FAULTS, type GatewayFault, type GatewayFaultOptions } from './upstash/fault.ts'
import { gatewayApp } from './upstash/gateway-app.ts'
import { loadHono } from './upstash/load-hono.ts'
import { playFault } from './upstash/play-fault.ts'

/** What `startUpstash` takes. Everything has a default. */
export interface StartUpstashOptions {
  /** The URL of the Redis behind it. Default: one of its own, which ends with it. */
  readonly redis?: string
  /** The token that may do everything. Default: a random one. */
  readonly token?: string
  /** A token that may only read. Default: none. */
  readonly readOnlyToken?: string
  /** The port of loopback to listen on. Default, and 0: any free one. */
  readonly port?: number
}

/** Upstash's REST interface on loopback, with every HTTP fault at a switch. */
export interface LocalUpstash {
  /** `http://127.0.0.1:port` */
  readonly url: string
  readonly token: string
  /** For `fromEnv()` and `Redis.fromEnv()`. */
  readonly env: { readonly UPSTASH_REDIS_REST_URL: string; readonly UPSTASH_REDIS_REST_TOKEN: string }
  /** Requests taken since the start, answered or not. */
  readonly requests: number
  /** Connections taken since the start. */
  readonly connections: number
  /** Connections open now. */
  readonly open: number
  /** What happens to the requests that follow. @throws TypeError or RangeError where there is no such fault, or no such dose */
  set(fault: GatewayFault, options?: GatewayFaultOptions): void
  /** Ends it and cuts its connections. May be called again. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts an Upstash-compatible REST gateway over any Redis, so that `@upstash/redis`, `@upstash/ratelimit` and this package
 * work offline. Needs the optional packages `hono` and `@hono/node-server`. It does not keep this process alive.
 *
 * @param options the Redis behind it, tokens and port
 * @throws TypeError or RangeError for an option that is unknown or cannot be used; Error where an optional package is missing, or the port is
 *   taken
 * @example
 * ```ts
 * import { createCache } from 'fastmiss'
 * import { startUpstash } from 'fastmiss/testing'
 *
 * await using upstash = await startUpstash()
 * const cache = createCache({ url: upstash.url, token: upstash.token })
 * upstash.set('500')
 * console.log((await cache.lookup('greeting')).status) // degraded
 * ```
 */
export async function startUpstash(options: StartUpstashOptions = {}): Promise<LocalUpstash> {
  checkOptions(options, ['redis', 'token', 'readOnlyToken', 'port'])
  checkPort(options.port)
  checkToken('token', options.token)
  checkToken('readOnlyToken', options.readOnlyToken)
  checkRedis(options.redis)
  const hono = await loadHono()
  const own = options.redis === undefined ? await startRedis() : undefined
  const backend = createBackend(options.redis ?? own?.url ?? '')
  const token = options.token ?? crypto.randomUUID()
  const listener = hono.getRequestListener(gatewayApp(hono, { backend, token, readOnlyToken: options.readOnlyToken }).fetch)

  const sockets = new Set<Socket>()
  const pooled = new WeakSet<Socket>()
  let fault: GatewayFault = 'healthy'
  let faultOptions: GatewayFaultOptions = {}
  let requests = 0
  let connections = 0

  const server = createServer((request, response) => {
    requests += 1
    const isPooled = pooled.has(request.socket)
    pooled.add(request.socket)
    playFault(fault, faultOptions, { request, response, isPooled, answer: () => void listener(request, response) })
  })
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket.unref())
    socket.on('close', () => sockets.delete(socket))
  })

  let stopping: Promise<void> | undefined
  async function end(): Promise<void> {
    backend.close()
    if (server.listening) {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
      // The server tells of its end before its connections tell of theirs.
      sockets.clear()
    }
    await own?.stop()
  }
  function stop(): Promise<void> {
    return (stopping ??= end())
  }

  try {
    await once(server.listen(options.port ?? 0, '127.0.0.1'), 'listening')
  } catch (error) {
    await stop()
    throw error
  }
  server.unref()
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  return {
    url,
    token,
    env: { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token },
    get requests() {
      return requests
    },
    get connections() {
      return connections
    },
    get open() {
      return sockets.size
    },
    set(next, nextOptions = {}) {
      checkKnown('set', next, GATEWAY_FAULTS)
      checkDose(nextOptions, ['delay', 'bytes', 'redirectTo'])
      if (nextOptions.redirectTo !== undefined) validateHeaderValue('redirectTo', nextOptions.redirectTo)
      fault = next
      faultOptions = nextOptions
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** It travels in a header. Its value is not told. */
function checkToken(name: string, token: unknown): void {
  if (token === undefined || (typeof token === 'string' && /^[!-~]+$/.test(token))) return
  throw new TypeError(`${name}: expected a string of printable ASCII without spaces`)
}

/** The URL may hold a password: it is not told. */
function checkRedis(redis: unknown): void {
  if (redis === undefined || (typeof redis === 'string' && URL.canParse(redis) && /^rediss?:$/.test(new URL(redis).protocol))) return
  throw new TypeError('redis: expected a redis: or rediss: URL')
}
