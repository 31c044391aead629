import { createCache } from 'fastmiss'
import { cacheContext, type CacheContextEnv } from 'fastmiss/hono'
import { tcp } from 'fastmiss/tcp'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'

/** An app for tests: the cache is made of the environment, once. */
export function testApp(): Hono<CacheContextEnv> {
  let made = 0
  const app = new Hono<CacheContextEnv>()
  app.use(
    cacheContext({
      cache(env: { readonly REDIS_URL: string }) {
        made += 1
        return createCache({ transport: tcp(env.REDIS_URL), timeout: 2_000 })
      },
    }),
  )

  app.get('/made', (c) => c.json(made))

  app.get('/lookup', async (c) => {
    const found = await c.var.cache.lookup('key')
    return c.json(found.status === 'degraded' ? { ...found, error: found.error.message } : found)
  })

  app.get('/late', (c) => {
    void c.var.cache.set('key', 'late')
    return c.text('ok')
  })

  app.get('/stream', (c) =>
    stream(c, async (out) => {
      for (let turn = 0; turn < 3; turn++) {
        await c.var.cache.set('turn', turn)
        await out.write(`${String(await c.var.cache.get('turn'))};`)
      }
    }),
  )

  app.get('/text', (c) => c.text('text'))

  app.get('/later', (c) =>
    stream(c, async (out) => {
      await out.write('first;')
      await out.sleep(50)
      for (const key of ['a', 'b']) await out.write(`${String(await c.var.cache.set(key, key))};`)
    }),
  )

  app.get('/latest', (c) =>
    stream(c, async (out) => {
      await out.write('ok')
      await out.sleep(20)
      void c.var.cache.set('key', 'latest')
    }),
  )

  app.get('/endless', (c) =>
    stream(c, async (out) => {
      while (!out.aborted) await out.write(`${(await c.var.cache.lookup('key')).status};`.padEnd(4_096))
    }),
  )
  return app
}

export default testApp()
