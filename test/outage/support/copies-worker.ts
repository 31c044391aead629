import { type Cache, createCache } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'

interface Env {
  readonly REDIS_URL: string
  readonly REST_URL: string
  readonly REST_TOKEN: string
  readonly WIRE: 'tcp' | 'rest'
}

let cache: Cache | undefined
let loads = 0

/** `?key=` reads through; `/loads` says how often the source was asked. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/loads') return Response.json(loads)
    cache ??= createCache({
      ...(env.WIRE === 'tcp' ? { transport: tcp(env.REDIS_URL) } : { url: env.REST_URL, token: env.REST_TOKEN }),
      timeout: 250,
      memory: { ttl: 100 },
    })
    await using invocation = cache.invocation()
    const load = async (): Promise<string> => {
      loads += 1
      await new Promise((resolve) => setTimeout(resolve, 5))
      return 'v'
    }
    const startedAt = Date.now()
    const answer = await invocation.wrapped(searchParams.get('key') ?? '', load, { ttl: 60_000, staleIfError: 3_600_000 })
    return Response.json({ ...answer, ms: Date.now() - startedAt })
  },
}
