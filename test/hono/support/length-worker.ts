import { createCache, fromEnv } from 'fastmiss'
import { responseCache } from 'fastmiss/hono'
import { Hono } from 'hono'

/** Bodies of a stated length: `/whole` keeps it, `/cut` ends before, `/plain` is not stored. */
const app = new Hono<{ Bindings: Record<string, string> }>()
app.use(responseCache({ cache: (env: Record<string, string>) => createCache({ ...fromEnv(env), timeout: 2_000 }) }))
app.get('/:how', (c) => {
  const how = c.req.param('how')
  const headers = { 'content-length': '5000', 'cache-control': how === 'plain' ? 'no-store' : 'max-age=60' }
  if (how !== 'cut') return new Response(new Uint8Array(5_000), { headers })
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  void writer.write(new Uint8Array(5)).then(() => writer.abort(new Error('cut off on purpose')))
  return new Response(readable, { headers })
})

export default app
