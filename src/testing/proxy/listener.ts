import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** A listening port that can be left and taken again. */
export interface Listener {
  readonly port: number
  /** Stops listening. The connections it accepted stay. */
  close(): Promise<void>
}

/**
 * Below the ports that Linux (32768) and others hand out to whoever asks for any: while the proxy
 * refuses connections nobody listens on its port, and nobody else may get it by chance.
 */
const LOWEST_PORT = 15_000
const HIGHEST_PORT = 32_000
const ATTEMPTS = 20

/**
 * Listens on one port.
 *
 * @param host an address of loopback
 * @param port which one, or `undefined` for a free one that the system gives to nobody else
 * @param accept is given every connection, half open allowed
 */
export async function listen(host: string, port: number | undefined, accept: (socket: Socket) => void): Promise<Listener> {
  if (port !== undefined) return listenOn(host, port, accept)
  for (let attempt = 1; ; attempt++) {
    const candidate = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT))
    try {
      return await listenOn(host, candidate, accept)
    } catch (error) {
      if (attempt === ATTEMPTS || !isTaken(error)) throw error
    }
  }
}

async function listenOn(host: string, port: number, accept: (socket: Socket) => void): Promise<Listener> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept)
  server.listen({ host, port })
  await once(server, 'listening')
  server.unref()
  return {
    port,
    // Not awaited to the 'close' event: that waits for the connections, and they may stay.
    close: async () => {
      server.close()
    },
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
