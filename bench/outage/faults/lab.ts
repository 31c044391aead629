import { once } from 'node:events'
import { createServer } from 'node:http'
import { createClient } from 'redis'
import { startRedis, startUpstash, type LocalRedis, type LocalUpstash } from 'fastmiss/testing'

/** The servers that many cells share. */
export interface Lab {
  readonly healthy: LocalRedis
  /** A replica: it answers reads, and refuses writes. */
  readonly readonly: LocalRedis
  /** Full: it answers reads, and refuses writes. */
  readonly full: LocalRedis
  /** Asks for a password. */
  readonly locked: LocalRedis
  /** Has no room for another client. */
  readonly crowded: LocalRedis
  /** No Redis at all. */
  readonly web: { readonly url: string }
  /** A gateway of its own over a Redis: its faults are the cell's. */
  gateway(redis: LocalRedis): Promise<LocalUpstash>
  stop(): Promise<void>
}

/**
 * Starts the servers, healthy all of them.
 *
 * @param seed is called for each Redis that can be read later, before it falls sick
 */
export async function openLab(seed: (redisUrls: readonly string[]) => Promise<void>): Promise<Lab> {
  const [healthy, replica, full, locked, crowded] = await Promise.all([
    startRedis(),
    startRedis(),
    startRedis(),
    startRedis({ password: 'of-the-bench' }),
    startRedis({ maxclients: 1 }),
  ])
  const web = createServer((_request, response) => void response.end('<!doctype html><title>Not a Redis</title>'))
  web.unref()
  await once(web.listen(0, '127.0.0.1'), 'listening')
  const address = web.address()
  await seed([healthy.url, replica.url, full.url])
  // A primary that is away: what was replicated is served, as Redis does by default.
  await command(replica.url, ['REPLICAOF', '127.0.0.1', '1'])
  await command(full.url, ['CONFIG', 'SET', 'maxmemory', '1'])
  const holder = createClient({ url: crowded.url })
  holder.on('error', () => {})
  await holder.connect()
  return {
    healthy,
    readonly: replica,
    full,
    locked,
    crowded,
    web: { url: `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` },
    gateway: (redis) => startUpstash({ redis: redis.url }),
    async stop() {
      holder.destroy()
      web.closeAllConnections()
      web.close()
      await Promise.all([healthy, replica, full, locked, crowded].map((redis) => redis.stop()))
    },
  }
}

/** One command over a connection of its own. */
export async function command(url: string, args: readonly string[]): Promise<unknown> {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand([...args])
  } finally {
    client.destroy()
  }
}
