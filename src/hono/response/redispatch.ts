import { Hono, type Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import { REDISPATCHED } from '../response-end.ts'
import { executionContextOf } from '../wait-until.ts'

/**
 * Asks handlers for a response.
 *
 * @param replaced variables to give them instead of the request's
 * @param onAnswer told of the context that they had, unless one of them threw: what an error handler then says is no answer
 */
export type Redispatch = (request: Request, replaced?: Readonly<Record<string, unknown>>, onAnswer?: (c: Context) => void) => Promise<Response>

/**
 * Asks the handlers behind the calling middleware once more, in a context of their own that shares nothing with the request but
 * its variables and environment. The answer is 500 where they throw or there is none.
 *
 * @param routeIndex the middleware's; Hono's own moves on with `next()`
 */
export function prepareRedispatch(c: Context, routeIndex: number = c.req.routeIndex): Redispatch {
  // Read now: once the request is answered, its context may tell something else.
  const routes = matchedRoutes(c).slice(routeIndex + 1)
  const variables: Readonly<Record<string, unknown>> = c.var
  const { path } = c.req
  const { env } = c
  const executionCtx = executionContextOf(c)

  return async function redispatch(request, replaced, onAnswer) {
    const app = new Hono({ getPath: () => path })
    app.use(async (inner, next) => {
      for (const [name, value] of Object.entries({ ...variables, ...replaced, [REDISPATCHED]: true })) inner.set(name as never, value as never)
      await next()
      if (inner.error === undefined) onAnswer?.(inner)
    })
    for (const { method, path: pattern, handler } of routes) app.on(method, pattern, handler)
    app.onError(() => new Response(null, { status: 500 }))
    app.notFound(() => new Response(null, { status: 500 }))
    return app.fetch(request, env, executionCtx)
  }
}
