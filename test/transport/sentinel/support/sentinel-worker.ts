import { createCache, fromEnv } from 'fastmiss'
import { sentinel } from 'fastmiss/tcp'

interface Env {
  readonly REDIS_URL: string
  readonly SENTINEL_PASSWORD: string
}

let cache: ReturnType<typeof createCache> | undefined

/** Writes and reads over the connections of one request; the primary's address outlives it. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { url = '' } = fromEnv(env)
    cache ??= createCache({
      transport: sentinel(url, { sentinelCredentials: async () => ({ password: env.SENTINEL_PASSWORD }) }),
      namespace: 'worker',
      timeout: 5_000,
    })
    await using invocation = cache.invocation()
    const value = new URL(request.url).pathname
    return Response.json({
      written: await invocation.set('key', value),
      read: await invocation.get('key'),
      health: await invocation.health(),
    })
  },
}
