import { once } from 'node:events'
import type { Server } from 'node:net'

/** A server on a free port of loopback, for one test. */
export interface Listening extends AsyncDisposable {
  readonly port: number
}

/** @param server of any protocol, not listening yet */
export async function listening(server: Server): Promise<Listening> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.unref()
    },
  }
}
