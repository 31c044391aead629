import { type Cache, createCache } from 'fastmiss'
import { cacheContext, type CacheContextEnv, responseCache, type ResponseCacheOptions } from 'fastmiss/hono'
import { type Context, Hono } from 'hono'

/** What a test's handler says; counted, so that a hit can be told. */
export interface GivenApp {
  readonly app: Hono<CacheContextEnv>
  readonly cache: Cache
  readonly calls: Request[]
  /** One request to `http://a.test`, in the foreground and, where there is any, the background. */
  ask(path: string, fields?: Record<string, string>, method?: string): Promise<Answer>
  /** Work after the responses so far. */
  settled(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly cacheStatus: string
}

/** An app with a response cache before one handler. */
export function givenApp(
  handler: (c: Context, call: number) => Response | Promise<Response>,
  {
    isBackground = false,
    cache = createCache({ url: 'memory:' }),
    ...options
  }: ResponseCacheOptions & { readonly isBackground?: boolean; readonly cache?: Cache } = {},
): GivenApp {
  const calls: Request[] = []
  const background: Promise<unknown>[] = []
  const app = new Hono<CacheContextEnv>()
  app.use(cacheContext({ cache }))
  app.use(responseCache(options))
  app.all('*', (c) => {
    calls.push(c.req.raw)
    return handler(c, calls.length)
  })
  const executionCtx = { waitUntil: (promise: Promise<unknown>) => void background.push(promise), passThroughOnException: () => {}, props: {} }
  return {
    app,
    cache,
    calls,
    async ask(path, headers = {}, method = 'GET') {
      const request = new Request(new URL(path, 'http://a.test'), { headers, method })
      const response = await app.fetch(request, {}, isBackground ? executionCtx : undefined)
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, cacheStatus: response.headers.get('cache-status') ?? '' }
    },
    async settled() {
      while (background.length > 0) await Promise.all(background.splice(0))
    },
  }
}

/** A handler that always says the same, with the number of the call as its body. */
export function saying(fields: Record<string, string>, status = 200): (c: Context, call: number) => Response {
  return (_, call) => new Response(`call ${call}`, { status, headers: { 'content-type': 'text/plain', ...fields } })
}
