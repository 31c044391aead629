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
 * One after the other from anywhere: a port that a proxy has left for a moment, to refuse or to swallow, is not the next one of
 * another proxy, neither of this process nor, but for a rare chance, of one beside it.
 */
let nextPort = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT))

function candidatePort(): number {
  const port = nextPort
  nextPort = port + 1 === HIGHEST_PORT ? LOWEST_PORT : port + 1
  return port
}

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
    try {
      return await listenOn(host, candidatePort(), accept)
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
