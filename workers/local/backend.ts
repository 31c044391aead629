import { faultProxy, type FaultProxy, startRedis, startUpstash } from 'fastmiss/testing'

/** The switch between the Worker and its Redis. */
export type Breaker = Pick<FaultProxy, 'fault' | 'counters' | 'set'>

/** What stands behind the Worker. */
export interface Backend {
  /** One line for people. */
  readonly description: string
  /** The Worker's variables. */
  readonly env: Readonly<Record<string, string>>
  readonly breaker: Breaker
  stop(): Promise<void>
}

/**
 * A Redis behind a proxy that can break it, over TCP or Upstash's REST: the `redis-server` on PATH, or an embedded one in this process.
 *
 * @param isRest whether the Worker is to speak REST
 */
export async function startBackend(isRest: boolean): Promise<Backend> {
  const redis = await startRedis()
  const upstash = isRest ? await startUpstash({ redis: redis.url }) : undefined
  const proxy = await faultProxy({ target: upstash?.url ?? redis.url })
  const server = redis.binary === 'embedded' ? 'embedded Redis' : redis.binary
  return {
    description: `${server} at ${redis.url}, over ${isRest ? "Upstash's REST" : 'TCP'}`,
    env: upstash === undefined ? { REDIS_URL: proxy.url } : { ...upstash.env, UPSTASH_REDIS_REST_URL: proxy.url },
    breaker: proxy,
    async stop() {
      await proxy.stop()
      await upstash?.stop()
      await redis.stop()
    },
  }
}
