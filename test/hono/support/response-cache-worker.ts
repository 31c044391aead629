import { type CacheOptions, createCache, fromEnv } from 'fastmiss'
import { cacheContext, type CacheContextEnv, responseCache } from 'fastmiss/hono'
import { tcp } from 'fastmiss/tcp'
import { Hono } from 'hono'

interface Bindings {
  readonly REDIS_URL?: string
}

/** Numbers only: nothing of a request lives here. */
const calls: Record<string, number> = {}

const app = new Hono<CacheContextEnv & { Bindings: Bindings }>()
app.use(
  cacheContext({
    cache: (env: Bindings) => {
      const options: CacheOptions = env.REDIS_URL === undefined ? fromEnv({ ...env }) : { transport: tcp(env.REDIS_URL) }
      return createCache({ ...options, timeout: 2_000, cooldown: 0, maxCooldown: 0 })
    },
  }),
)
app.use(responseCache())
app.get('/page/*', (c) => {
  const call = (calls[c.req.path] = (calls[c.req.path] ?? 0) + 1)
  return c.text(`call ${call}`, 200, { 'cache-control': 'max-age=60', vary: 'accept-language' })
})
app.get(
  '/binary',
  () =>
    new Response(
      Uint8Array.from({ length: 256 }, (_, index) => index),
      { headers: { 'cache-control': 'max-age=60' } },
    ),
)
/** `encoded` comes encoded, as a file that was compressed before; the others the runtime encodes. */
app.get('/gzip/:how', async (c) => {
  const how = c.req.param('how')
  const plain = how === 'text' ? new TextEncoder().encode('hello '.repeat(100)) : Uint8Array.from({ length: 256 }, (_, index) => index)
  const encoded = new Response(plain).body?.pipeThrough(new CompressionStream('gzip'))
  const init = { headers: { 'cache-control': 'max-age=60', 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' } }
  return how === 'encoded' ? new Response(encoded, Object.assign(init, { encodeBody: 'manual' })) : new Response(plain, init)
})
app.get('/stale/*', async (c) => {
  const call = (calls[c.req.path] = (calls[c.req.path] ?? 0) + 1)
  await c.var.cache.get('anything')
  return c.text(`call ${call}`, 200, { 'cache-control': 'max-age=0, stale-while-revalidate=60' })
})

export default app
