import type { Context, MiddlewareHandler } from 'hono'
import { internalsOf } from '../facade/internals.ts'
import { isIdle, closeWhenIdle } from '../session/session.ts'
import type { Invocation } from '../facade/types.ts'
import type { InvocationOptions } from '../options/types.ts'
import { afterBody } from './after-body.ts'
import { cacheFrom, type CacheSource } from './cache-source.ts'
import { type RequestCache, variablesOf } from './request-cache.ts'
import { onResponseEnd } from './response-end.ts'
import { waitUntilOf } from './wait-until.ts'

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
  readonly cache: CacheSource
  /** The instant (epoch ms) after which a request waits for nothing, where the platform tells one. Default: none. */
  readonly deadline?: (c: Context) => number | undefined
}

/**
 * Middleware: `c.var.cache` is the cache bound to the request. It opens one connection at most, at the first operation, gives up
 * when the runtime tells that the client has gone (`request.signal`), and is closed after the last byte of the response; where
 * nothing tells of that (Workers) and no connection is open when the handler is done, whenever it is idle.
 *
 * Where the platform has `waitUntil`, the response does not wait for the close. Elsewhere it ends after what the handler has begun,
 * since a process may be frozen (Lambda) as soon as the response is complete. Work that goes on after the response has to use
 * `cache` itself.
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
  const cacheOf = cacheFrom(options.cache)

  return async function cacheContext(c, next) {
    const waitUntil = waitUntilOf(c)
    const deadline = options.deadline?.(c)
    const bounds: InvocationOptions = {
      signal: c.req.raw.signal,
      ...(waitUntil === undefined ? {} : { waitUntil }),
      ...(deadline === undefined ? {} : { deadline }),
    }
    const root = cacheOf(c.env)
    const invocation = root.invocation(bounds)
    const bound: RequestCache = { root, invocation, isDone: false }
    for (const [name, value] of Object.entries(variablesOf(bound))) c.set(name as 'cache', value as Invocation)
    /** Not awaited where `waitUntil` keeps it. */
    const close = async (): Promise<void> => {
      const closing = invocation.close()
      if (waitUntil === undefined) await closing
    }
    const isTold = onResponseEnd(c, () => void invocation.close())
    try {
      await next()
    } catch (error) {
      await close()
      throw error
    }
    // Nothing to wait for, and a body that is left alone keeps its length, and costs a third of the CPU (@hono/node-server 2). Where
    // nobody is told of what the body begins, its end is what is waited for.
    const session = internalsOf(invocation).session()
    if (!bound.isDone && (isTold ? isIdle(session) : waitUntil !== undefined && closeWhenIdle(session))) return
    // Hono answers HEAD with the response to GET and drops the body without reading it.
    const response = bound.isDone || c.req.raw.method === 'HEAD' ? undefined : afterBody(c.res, close)
    if (response === undefined) return close()
    // Cleared first: the setter would merge the headers of both.
    c.res = undefined
    c.res = response
  }
}
