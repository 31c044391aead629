import { once } from 'node:events'
import type { Server } from 'node:http'

/** A server that listens on loopback. */
export interface LocalServer {
  readonly origin: string
  /** Ends what is under way too. */
  stop(): Promise<void>
}

/** @param port 0 for any free one */
export async function serveLocally(server: Server, port: number): Promise<LocalServer> {
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
