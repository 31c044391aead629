import { startRedis, startUpstash } from 'fastmiss/testing'

/** What stands behind the Worker. */
export interface Backend {
  /** One line for people. */
  readonly description: string
  /** The Worker's variables. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/**
 * A real Redis, over TCP or Upstash's REST; without a `redis-server` the cache's embedded memory.
 *
 * @param isRest whether the Worker is to speak REST
 */
export async function startBackend(isRest: boolean): Promise<Backend> {
  const redis = await startRedis().catch((error: unknown) => String(error instanceof Error ? error.message : error))
  if (typeof redis === 'string') {
    return { description: `memory in the Worker (${redis})`, env: { REDIS_URL: 'memory:' }, stop: async () => undefined }
  }
  if (!isRest) return { description: `redis-server at ${redis.url}, over TCP`, env: { REDIS_URL: redis.url }, stop: redis.stop }
  const upstash = await startUpstash({ redis: redis.url })
  return {
    description: `redis-server at ${redis.url}, over Upstash's REST at ${upstash.url}`,
    env: { ...upstash.env },
    stop: async () => {
      await upstash.stop()
      await redis.stop()
    },
  }
}
