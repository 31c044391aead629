import type { Cache, CacheResult, ReadOptions } from 'fastmiss'
import { cacheContext, type CacheContextEnv, type CacheContextOptions } from 'fastmiss/hono'
import { type Context, Hono } from 'hono'

/** The header that tells what the cache answered, in a word or two. */
const ANSWER = 'x-cache'

/** The header that tells for how many ms more nothing is asked of Redis, while that is so. */
const COOLDOWN = 'x-cooldown'

/** The header by which a client lets copies in memory answer; without it Redis is asked, and no copy stands in. */
const COPIES = 'x-copies'

/**
 * The demonstration's routes, for any platform: each answer shows what the cache said.
 *
 * @param cooldownLeft ms of the cooldown that are left
 */
export function createApp(cache: Cache, deadline?: CacheContextOptions['deadline'], cooldownLeft: () => number = () => 0): Hono<CacheContextEnv> {
  const app = new Hono<CacheContextEnv>()
  app.use(async (c, next) => {
    await next()
    const left = cooldownLeft()
    if (left > 0) c.header(COOLDOWN, String(left))
  })
  app.use(cacheContext(deadline === undefined ? { cache } : { cache, deadline }))

  app.get('/', (c) => c.text('GET /get/:key\nGET /lookup/:key\nPUT /set/:key?ttl=ms with the value as body\nGET /health\n'))

  app.get('/get/:key', async (c) => {
    const value = await c.var.cache.get(c.req.param('key'), readOptions(c))
    return c.json({ value: value ?? null }, 200, { [ANSWER]: value === undefined ? 'undefined' : 'value' })
  })

  app.get('/lookup/:key', async (c) => {
    const result = await c.var.cache.lookup(c.req.param('key'), readOptions(c))
    if (result.status !== 'degraded') return c.json(result, 200, { [ANSWER]: wordsFor(result) })
    // An error's message is not enumerable: JSON would leave it out.
    return c.json({ ...result, error: result.error.message }, 200, { [ANSWER]: `degraded: ${result.reason}` })
  })

  app.put('/set/:key', async (c) => {
    const ttl = Number(c.req.query('ttl') ?? 60_000)
    if (!Number.isSafeInteger(ttl) || ttl < 1) return c.json({ error: 'ttl: whole milliseconds, 1 or more' }, 400)
    const isStored = await c.var.cache.set(c.req.param('key'), await c.req.text(), { ttl })
    return c.json({ stored: isStored }, isStored ? 200 : 503, { [ANSWER]: isStored ? 'stored' : 'not stored' })
  })

  app.get('/health', async (c) => {
    const health = await c.var.cache.health()
    const isOk = health.status === 'ok'
    return c.json(health, isOk ? 200 : 503, { [ANSWER]: isOk ? 'ok' : `degraded: ${health.reason}` })
  })
  return app
}

function readOptions(c: Context): ReadOptions {
  return { memory: c.req.header(COPIES) === 'on' }
}

/** `hit`, `miss`, `hit from memory`, `hit from memory: timeout`. */
function wordsFor(result: Exclude<CacheResult<unknown>, { status: 'degraded' }>): string {
  if (result.status === 'miss' || result.from === 'redis') return result.status
  return `${result.status} from memory${result.reason === undefined ? '' : `: ${result.reason}`}`
}
