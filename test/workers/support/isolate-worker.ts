import { env } from 'cloudflare:workers'
import { createCache, type CacheOperations, fromEnv } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'

// One for all requests of the isolate, as in production.
const { url = '', ...others } = fromEnv(env)
const options = { ...others, namespace: 'app', timeout: Number(env['TIMEOUT']), cooldown: Number(env['COOLDOWN']) }
const cache = createCache(url.startsWith('redis') ? { ...options, transport: tcp(url) } : { ...options, url })

/** `/root/…` calls the cache itself, `/invocation/…` a view of this request; both write a key of their own, and read it and another's. */
export default {
  async fetch(request: Request): Promise<Response> {
    const [, way = '', id = ''] = new URL(request.url).pathname.split('/')
    if (way === 'root') return Response.json(await use(cache, id))
    await using invocation = cache.invocation({ signal: request.signal })
    return Response.json(await use(invocation, id))
  },
}

async function use(operations: CacheOperations, id: string): Promise<object> {
  const stored = await operations.set(id, { id })
  const [own, other] = await Promise.all([operations.lookup(id), operations.lookup('shared')])
  const many = await operations.getMany([id, 'none'])
  const answers = [own, other].map((found) => (found.status === 'degraded' ? `${found.reason}: ${found.error.message}` : found.status))
  return { id, stored, answers, own: own.status === 'hit' ? own.value : undefined, many }
}
