import { faultProxy, type FaultProxy, startRedis, startUpstash } from 'fastmiss/testing'

/** What stands behind the Worker. */
export interface Backend {
  /** One line for people. */
  readonly description: string
  /** The Worker's variables. */
  readonly env: Readonly<Record<string, string>>
  /** Between the Worker and its Redis; none where the cache is in the Worker's memory. */
  readonly proxy: FaultProxy | undefined
  stop(): Promise<void>
}

/**
 * A real Redis behind a proxy that can break it, over TCP or Upstash's REST; without a `redis-server` the cache's embedded memory.
 *
 * @param isRest whether the Worker is to speak REST
 */
export async function startBackend(isRest: boolean): Promise<Backend> {
  const redis = await startRedis().catch((error: unknown) => String(error instanceof Error ? error.message : error))
  if (typeof redis === 'string') {
    return { description: `memory in the Worker (${redis})`, env: { REDIS_URL: 'memory:' }, proxy: undefined, stop: async () => undefined }
  }
  const upstash = isRest ? await startUpstash({ redis: redis.url }) : undefined
  const proxy = await faultProxy({ target: upstash?.url ?? redis.url })
  return {
    description: `${redis.binary} at ${redis.url}, over ${isRest ? "Upstash's REST" : 'TCP'}`,
    env: upstash === undefined ? { REDIS_URL: proxy.url } : { ...upstash.env, UPSTASH_REDIS_REST_URL: proxy.url },
    proxy,
    async stop() {
      await proxy.stop()
      await upstash?.stop()
      await redis.stop()
    },
  }
}
