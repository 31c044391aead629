import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** A TCP server that sends back what it receives. */
export interface EchoServer extends AsyncDisposable {
  readonly url: string
  /** What reached it. */
  received(): Buffer
}

export async function echoServer(): Promise<EchoServer> {
  const chunks: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {})
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `tcp://user:secret@127.0.0.1:${address.port}/path`,
    received: () => Buffer.concat(chunks),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
