import { createCache } from 'fastmiss'
import { cluster } from 'fastmiss/tcp'

/** Writes and reads many keys of a cluster, over the connections of one request. */
export default {
  async fetch(_: Request, env: { readonly REDIS_URL: string }): Promise<Response> {
    const cache = createCache({ transport: cluster(env.REDIS_URL), namespace: 'worker', timeout: 2_000 })
    await using invocation = cache.invocation()
    const keys = Array.from({ length: 30 }, (_unused, index) => `k${index}`)
    const written = await invocation.setMany(keys.map((key) => ({ key, value: key })))
    const read = await invocation.getMany(keys)
    return Response.json({
      written: written.every(Boolean),
      read: read.every((value, index) => value === keys[index]),
      health: await invocation.health(),
    })
  },
}
