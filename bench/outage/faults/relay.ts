import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to Redis that goes deaf: what the fault proxy, which knows no Redis and turns all connections at once, cannot do. */
export interface Relay {
  readonly url: string
  /** From now on the connections that are open get no answer and no end; new ones work. */
  forgetConnections(): void
  stop(): void
}

/**
 * @param target the URL of a Redis
 * @param deafTo a connection gets no answer any more from this command on, whatever went before it
 */
export async function startRelay(target: string, deafTo?: string): Promise<Relay> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const forgotten = new WeakSet<Socket>()
  const server = createServer((client) => {
    const redis = connect({ host: hostname, port: Number(port) })
    for (const socket of [client, redis]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    client.on('data', (bytes) => {
      if (forgotten.has(client)) return
      const end = deafTo === undefined ? -1 : indexOfCommand(bytes, deafTo)
      if (end >= 0) forgotten.add(client)
      redis.write(end >= 0 ? bytes.subarray(0, end) : bytes)
    })
    redis.on('data', (bytes) => void ((deafTo === undefined && forgotten.has(client)) || client.write(bytes)))
    client.on('close', () => redis.destroy())
    redis.on('close', () => void (forgotten.has(client) || client.destroy()))
  })
  server.unref()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const url = new URL(target)
  url.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: url.href,
    forgetConnections() {
      for (const socket of sockets) forgotten.add(socket)
    },
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Where a command begins in a pipeline, or -1: `*2\r\n$3\r\nGET\r\n…`. Clients write their first `GET` as one piece. */
function indexOfCommand(bytes: Buffer, command: string): number {
  const found = new RegExp(`\\*\\d+\\r\\n\\$${command.length}\\r\\n${command}\\r\\n`, 'i').exec(bytes.toString('latin1'))
  return found?.index ?? -1
}
