import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * Asks the system for a TCP port of loopback that nobody listens on.
 * It is free at this instant only: whoever binds it later must be ready to ask again.
 *
 * @returns a port number
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('The system gave no port of loopback')
  return address.port
}
