import { createCache, fromEnv } from 'fastmiss'

/** Writes and reads what is compressed, and what is not. */
export default {
  async fetch(_request: Request, env: Readonly<Record<string, string>>): Promise<Response> {
    const cache = createCache({ ...fromEnv(env), timeout: 5_000, compression: true })
    await using invocation = cache.invocation()
    const set = await invocation.set('key', 'x'.repeat(6_000))
    return Response.json({ set, got: await invocation.get('key'), wrapped: await invocation.wrap('wrapped', async () => 7, { ttl: 1_000 }) })
  },
}
