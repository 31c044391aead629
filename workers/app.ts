import type { Cache, CacheResult } from 'fastmiss'
import { cacheContext, type CacheContextEnv, type CacheContextOptions } from 'fastmiss/hono'
import { Hono } from 'hono'

/** The demonstration's routes, for any platform: each answer shows what the cache said. */
export function createApp(cache: Cache, deadline?: CacheContextOptions['deadline']): Hono<CacheContextEnv> {
  const app = new Hono<CacheContextEnv>()
  app.use(cacheContext(deadline === undefined ? { cache } : { cache, deadline }))

  app.get('/', (c) => c.text('GET /get/:key\nGET /lookup/:key\nPUT /set/:key?ttl=ms with the value as body\nGET /health\n'))

  app.get('/get/:key', async (c) => c.json({ value: (await c.var.cache.get(c.req.param('key'))) ?? null }))

  app.get('/lookup/:key', async (c) => c.json(shown(await c.var.cache.lookup(c.req.param('key')))))

  app.put('/set/:key', async (c) => {
    const ttl = Number(c.req.query('ttl') ?? 60_000)
    if (!Number.isSafeInteger(ttl) || ttl < 1) return c.json({ error: 'ttl: whole milliseconds, 1 or more' }, 400)
    const isStored = await c.var.cache.set(c.req.param('key'), await c.req.text(), { ttl })
    return c.json({ stored: isStored }, isStored ? 200 : 503)
  })

  app.get('/health', async (c) => {
    const health = await c.var.cache.health()
    return c.json(health, health.status === 'ok' ? 200 : 503)
  })
  return app
}

/** An error's message is not enumerable: JSON would leave it out. */
function shown(result: CacheResult<unknown>): object {
  return result.status === 'degraded' ? { ...result, error: result.error.message } : result
}
