import { serve } from '@hono/node-server'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { createCache } from '../../dist/index.js'
import { cacheContext, responseCache } from '../../dist/hono/index.js'

/** One Hono app before one way to cache: `node response-server.ts KIND URL`. */
const [kind = '', url = ''] = process.argv.slice(2)

const BODY = JSON.stringify({ items: Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}`, price: id * 1.5 })) })
const FIELDS = { 'content-type': 'application/json', 'cache-control': 'max-age=3600' }

const handler = (c: Context): Response => c.body(BODY, 200, FIELDS)

const app = new Hono()
const middleware = await middlewareOf()
if (middleware !== undefined) app.use(middleware)
let calls = 0
if (kind === 'collapse') {
  // Asked after the others: what it says is not cached.
  app.get('/calls', (c) => c.text(String(calls), 200, { 'cache-control': 'no-store' }))
  app.get('*', async (c) => {
    calls += 1
    await new Promise((resolve) => setTimeout(resolve, 200))
    return handler(c)
  })
} else if (kind === 'ocache') {
  const { defineCachedHandler } = await import('ocache')
  const cached = defineCachedHandler(() => new Response(BODY, { headers: FIELDS }), { maxAge: 3600 })
  app.get('*', async (c) => (await cached({ req: c.req.raw })) as Response)
} else app.get('*', handler)

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.({ port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpu: user + system })
})

async function middlewareOf(): Promise<MiddlewareHandler | undefined> {
  if (kind === 'smallest') return async (_, next) => next()
  if (kind === 'header') {
    return async (c, next) => {
      await next()
      c.res.headers.append('cache-status', 'bench; fwd=miss')
    }
  }
  if (!['fastmiss', 'context', 'collapse'].includes(kind)) return undefined
  const cache = createCache({
    url,
    ...(url.startsWith('redis:') ? { connection: 'reuse' as const } : {}),
    cooldown: 3_600_000,
    maxCooldown: 3_600_000,
  })
  await cache.preload()
  return kind === 'context' ? cacheContext({ cache }) : responseCache({ cache, ...(kind === 'collapse' ? { collapse: 5_000 } : {}) })
}
