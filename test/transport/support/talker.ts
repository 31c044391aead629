import { createCache } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'

/** Asks Redis many times, one after the other, over the connection of one invocation. */
export default {
  async fetch(_: Request, env: { readonly REDIS_URL: string }): Promise<Response> {
    const cache = createCache({ transport: tcp(env.REDIS_URL), timeout: 2_000 })
    await using invocation = cache.invocation()
    await invocation.set('k', 'v')
    let hits = 0
    for (let round = 0; round < 40; round += 1) if ((await invocation.get('k')) === 'v') hits += 1
    return new Response(`${hits} hits`)
  },
}
