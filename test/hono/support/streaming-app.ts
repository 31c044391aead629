import { createCache } from 'fastmiss'
import { cacheContext, type CacheContextEnv, responseCache } from 'fastmiss/hono'
import { tcp } from 'fastmiss/tcp'
import { Hono } from 'hono'

/** ms between two parts of a body. */
const PAUSE = 40
const PARTS = 50

/** Numbers only: nothing of a request lives here. */
let calls = 0
let stopped = 0

/** Handlers whose bodies come in parts: `/slow` in fifty, `/quick` in three, `/breaks` in two and then not. */
export function streamingApp(): Hono<CacheContextEnv> {
  const app = new Hono<CacheContextEnv>()
  app.get('/stopped', (c) => c.json(stopped))
  app.use(cacheContext({ cache: (env: { readonly REDIS_URL: string }) => createCache({ transport: tcp(env.REDIS_URL), timeout: 1_000 }) }))
  app.use(responseCache())
  app.get('/:how', (c) => {
    calls += 1
    return new Response(bodyOf(c.req.param('how'), `call ${calls};`), { headers: { 'cache-control': 'max-age=60', 'content-type': 'text/plain' } })
  })
  return app
}

function bodyOf(how: string, first: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const parts = how === 'slow' ? PARTS : 3
  let part = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        part += 1
        if (part > 1) await new Promise((resolve) => setTimeout(resolve, PAUSE))
        if (how === 'breaks' && part === 3) return controller.error(new Error('broken on purpose'))
        controller.enqueue(encoder.encode(part === 1 ? first : 'part;'))
        if (part === parts) controller.close()
      },
      cancel() {
        stopped += 1
      },
    },
    { highWaterMark: 0 },
  )
}

export default streamingApp()
