import type { Context, MiddlewareHandler } from 'hono'
import type { Cache, Invocation, InvocationOptions } from '../types.ts'
import { afterBody } from './after-body.ts'

/** What {@link cacheContext} adds to a Hono app's environment. */
export interface CacheContextEnv {
  Variables: {
    /** The cache, bound to this request. */
    cache: Invocation
  }
}

/** Options of {@link cacheContext}. */
export interface CacheContextOptions {
  /** A cache, or how to make one of the environment: called at the first request of an isolate, and not again. Required. */
  readonly cache: Cache | ((env: never) => Cache)
  /** The instant (epoch ms) after which a request waits for nothing, where the platform tells one. Default: none. */
  readonly deadline?: (c: Context) => number | undefined
}

/**
 * Middleware: `c.var.cache` is the cache bound to the request. It opens one connection at most, at the first operation, gives up
 * when the client goes away, and is closed after the response: after the last byte of a streamed body.
 *
 * Where the platform has `waitUntil`, the response does not wait for the close. Elsewhere it ends after it, since a process may
 * be frozen (Lambda) as soon as the response is complete. Work that goes on after the response has to use `cache` itself.
 *
 * @throws TypeError where `cache` is neither a cache nor a function
 * @example
 * ```ts
 * const app = new Hono<CacheContextEnv>()
 * app.use(cacheContext({ cache }))
 * app.get('/users/:id', async (c) => c.json(await c.var.cache.lookup(c.req.param('id'))))
 * ```
 */
export function cacheContext(options: CacheContextOptions): MiddlewareHandler<CacheContextEnv> {
  const cacheOf = once(options.cache)

  return async function cacheContext(c, next) {
    const waitUntil = waitUntilOf(c)
    const deadline = options.deadline?.(c)
    const bounds: InvocationOptions = {
      signal: c.req.raw.signal,
      ...(waitUntil === undefined ? {} : { waitUntil }),
      ...(deadline === undefined ? {} : { deadline }),
    }
    const invocation = cacheOf(c.env).invocation(bounds)
    /** Not awaited where `waitUntil` keeps it. */
    const close = async (): Promise<void> => {
      const closing = invocation.close()
      if (waitUntil === undefined) await closing
    }
    c.set('cache', invocation)
    try {
      await next()
    } catch (error) {
      await close()
      throw error
    }
    // Hono answers HEAD with the response to GET and drops the body without reading it.
    const response = c.req.raw.method === 'HEAD' ? undefined : afterBody(c.res, close)
    if (response === undefined) return close()
    // Cleared first: the setter would merge the headers of both.
    c.res = undefined
    c.res = response
  }
}

function once(cache: CacheContextOptions['cache']): (env: unknown) => Cache {
  const given: unknown = cache
  if (typeof cache === 'function') {
    let made: Cache | undefined
    // The caller's own type of its environment; Hono hands over what the runtime gave.
    return (env) => (made ??= cache(env as never))
  }
  if (typeof given !== 'object' || given === null) throw new TypeError('cache: expected a cache, or a function of the environment that makes one')
  return () => cache
}

/** @returns undefined where the platform has none: Hono's getter throws there */
function waitUntilOf(c: Context): InvocationOptions['waitUntil'] {
  try {
    const { executionCtx } = c
    return (promise) => executionCtx.waitUntil(promise)
  } catch {
    return undefined
  }
}
