import { type Cache, createCache, type WrapOptions } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'

interface Env {
  readonly REDIS_URL: string
  readonly UPSTASH_REDIS_REST_URL: string
  readonly UPSTASH_REDIS_REST_TOKEN: string
  readonly WIRE: 'tcp' | 'rest'
}

/** As in production: once per isolate. */
let cache: Cache | undefined
let calls = 0

function cacheOf(env: Env): Cache {
  cache ??= createCache({
    ...(env.WIRE === 'tcp' ? { transport: tcp(env.REDIS_URL) } : { url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN }),
    timeout: 2_000,
  })
  return cache
}

/**
 * `?key=` reads through, `&ms=` with a loader that takes so long, `&options=` as JSON. `&root` without an invocation. `&background`
 * with `waitUntil`. `&forget` ends the request, in an error, while its load is under way. `&twice` asks twice at once.
 */
export default {
  async fetch(request: Request, env: Env, context: { waitUntil(promise: Promise<unknown>): void }): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const root = cacheOf(env)
    const key = searchParams.get('key') ?? ''
    const ms = Number(searchParams.get('ms') ?? 0)
    const options = JSON.parse(searchParams.get('options') ?? '{}') as WrapOptions
    const waitUntil = (promise: Promise<unknown>): void => context.waitUntil(promise)
    const bound = searchParams.has('root') ? undefined : root.invocation(searchParams.has('background') ? { waitUntil } : {})
    const load = async (): Promise<number> => {
      calls += 1
      const call = calls
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
      return call
    }
    const ask = () => (bound ?? root).wrapped(key, load, bound === undefined && searchParams.has('background') ? { ...options, waitUntil } : options)
    if (searchParams.has('forget')) {
      const before = calls
      void ask()
      for (let turn = 0; turn < 200 && calls === before; turn += 1) await new Promise((resolve) => setTimeout(resolve, 20))
      return new Response('gone', { status: 500 })
    }
    const answer = searchParams.has('twice') ? await Promise.all([ask(), ask()]) : await ask()
    const closing = bound?.close()
    if (!searchParams.has('background')) await closing
    return Response.json(answer)
  },
}
