import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { startRedis, type StartRedisOptions } from 'fastmiss/testing'
import { certificates } from './certificates.ts'
import type { Extra } from './tcp-outage.ts'

/** A web server: it answers RESP with a 400 page. */
export function webServer(): Promise<Extra> {
  return listening(createHttpServer())
}

/** Another Redis, as a server of the given kind. */
export async function otherRedis(options: StartRedisOptions): Promise<Extra> {
  return startRedis(options)
}

/** A TLS server with a certificate that is trusted, for another name. */
export async function impostor(): Promise<Extra> {
  const { other } = await certificates()
  return listening(createTlsServer(other))
}

/** A Redis that takes one client, and has it. */
export async function fullRedis(): Promise<Extra> {
  const redis = await startRedis({ maxclients: 1 })
  const { createClient } = await import('@redis/client')
  const guest = createClient({ url: redis.url, RESP: 2, disableClientInfo: true, socket: { reconnectStrategy: false } })
  guest.on('error', () => {})
  await guest.connect()
  return {
    url: redis.url,
    async stop() {
      guest.destroy()
      await redis.stop()
    },
  }
}

async function listening(server: Server): Promise<Extra> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  server.on('tlsClientError', () => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  return {
    url: `tcp://127.0.0.1:${address.port}`,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
