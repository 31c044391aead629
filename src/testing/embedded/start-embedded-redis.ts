import { once } from 'node:events'
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { serveConnection } from './serve-connection.ts'
import type { Settings } from './settings.ts'
import { createState, dropExpired } from './state.ts'

/** Where an embedded server listens, and what it is. */
export interface EmbeddedRedisOptions {
  /** Of loopback; 0 is any free one. */
  readonly port: number
  readonly socketPath: string | undefined
  /** PEM, where TLS is to be spoken on the port. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly settings: Settings
}

/** A server within this process. */
export interface EmbeddedRedis {
  readonly port: number
  /** Cuts its connections, too. May be called again. */
  stop(): Promise<void>
}

/** ms between two looks for what has expired, as in Redis. */
const EXPIRY_INTERVAL = 100

/**
 * Starts a server that speaks RESP2 and RESP3 and knows what a cache uses. It does not keep this process alive.
 *
 * @throws Error where the port or the path is taken
 */
export async function startEmbeddedRedis({ port, socketPath, tls, settings }: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const sockets = new Set<Socket>()
  const take = (socket: Socket): void => serveConnection(socket, state)
  // Each connection as it comes, that of a TLS handshake too.
  const track = (socket: Socket): void => {
    sockets.add(socket.unref())
    socket.on('close', () => sockets.delete(socket))
  }
  const tcp = (tls === undefined ? createServer(take) : createTlsServer(tls, take)).on('connection', track)
  const unix = createServer(take).on('connection', track)
  const bound = await listen(tcp, { port, host: '127.0.0.1' })
  const state = createState(settings, bound, Date.now)
  const timer = setInterval(() => dropExpired(state), EXPIRY_INTERVAL).unref()
  async function end(): Promise<void> {
    clearInterval(timer)
    for (const socket of sockets) socket.destroy()
    await Promise.all([close(tcp), close(unix)])
  }
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= end())
  try {
    if (socketPath !== undefined) await listen(unix, { path: socketPath })
  } catch (error) {
    await stop()
    throw error
  }
  return { port: bound, stop }
}

async function listen(server: Server, where: ListenOptions): Promise<number> {
  await once(server.listen(where), 'listening')
  server.unref()
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  await closed
}
