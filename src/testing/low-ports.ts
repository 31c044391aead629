import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that the system hands out by itself (from 32,768 on Linux): between two starts nobody else is given one of them. */
const LOWEST = 10_000
const HIGHEST = 21_999
/** Where Redis Cluster puts the port that its nodes talk to each other on. */
const BUS_OFFSET = 10_000
/** How often a port is picked before it is given up. */
const ATTEMPTS = 200

/**
 * Picks ports of loopback that nobody listens on, each with the port 10,000 above it free as well. They are free at this instant only:
 * whoever binds them later must be ready to ask again.
 */
export async function lowPorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  for (let attempt = 0; ports.size < count; attempt += 1) {
    if (attempt === ATTEMPTS) throw new Error(`There are no ${count} free ports of loopback from ${LOWEST} to ${HIGHEST}`)
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1))
    const isNew = !ports.has(port) && !ports.has(port + BUS_OFFSET) && !ports.has(port - BUS_OFFSET)
    if (isNew && (await isFree(port)) && (await isFree(port + BUS_OFFSET))) ports.add(port)
  }
  return [...ports]
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
  } catch {
    // Whatever keeps us from listening would keep Redis from it.
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
