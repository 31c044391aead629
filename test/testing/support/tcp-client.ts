import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A bare TCP client that keeps what it receives. */
export interface TcpClient extends AsyncDisposable {
  readonly socket: Socket
  received(): Buffer
  /** Resolves once so many bytes are there. */
  bytes(count: number): Promise<Buffer>
  /** How the connection ended: `close`, or the code of an error. */
  readonly ended: Promise<string>
}

/** @throws the error of the connect */
export async function tcpClient(port: number): Promise<TcpClient> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  const waiting = new Set<() => void>()
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    for (const check of waiting) check()
  })
  await once(socket, 'connect')
  const ended = new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    socket.once('end', () => resolve('close'))
  })
  const received = (): Buffer => Buffer.concat(chunks)
  return {
    socket,
    received,
    ended,
    bytes: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (chunks.reduce((sum, chunk) => sum + chunk.length, 0) < count) return
          waiting.delete(check)
          resolve(received())
        }
        waiting.add(check)
        check()
      }),
    [Symbol.asyncDispose]: async () => {
      socket.destroy()
    },
  }
}
