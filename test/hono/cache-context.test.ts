import { EventEmitter } from 'node:events'
import { type Cache, createCache, type Invocation } from 'fastmiss'
import { cacheContext, type CacheContextEnv } from 'fastmiss/hono'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { expect, test } from 'vitest'

async function behindProxy() {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  return {
    proxy,
    cache: createCache({ url: proxy.url, timeout: 2_000 }),
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await redis.stop()
    },
  }
}

/** As much of Node's `ServerResponse` as is looked at. */
function serverResponse(): EventEmitter {
  return Object.assign(new EventEmitter(), { writableEnded: false })
}

function appOf(cache: Cache): Hono<CacheContextEnv> {
  return new Hono<CacheContextEnv>().use(cacheContext({ cache }))
}

test('a request has one connection, which ends with the response', async () => {
  await using given = await behindProxy()
  const app = appOf(given.cache)
  app.get('/', async (c) => {
    await c.var.cache.set('key', 'value')
    return c.json(await c.var.cache.lookup('key'))
  })
  const response = await app.request('/')
  expect(await response.json()).toMatchObject({ status: 'hit', value: 'value' })
  await given.proxy.until(({ open }) => open === 0)
  expect(given.proxy.counters.connections).toBe(1)
})

test('a streamed body may use the cache until its last byte', async () => {
  await using given = await behindProxy()
  const app = appOf(given.cache)
  app.get('/', (c) =>
    stream(c, async (out) => {
      for (const key of ['a', 'b', 'c']) {
        await c.var.cache.set(key, key)
        await out.write(`${key}=${await c.var.cache.get<string>(key)};`)
      }
    }),
  )
  expect(await (await app.request('/')).text()).toBe('a=a;b=b;c=c;')
  await given.proxy.until(({ open }) => open === 0)
  expect(given.proxy.counters.connections).toBe(1)
})

test('a reader that leaves a streamed body ends the connection', async () => {
  await using given = await behindProxy()
  const app = appOf(given.cache)
  app.get('/', (c) =>
    stream(c, async (out) => {
      while (!out.aborted) await out.write(JSON.stringify(await c.var.cache.lookup('key')))
    }),
  )
  const { body } = await app.request('/')
  const reader = body?.getReader()
  await reader?.read()
  expect(given.proxy.counters.open).toBe(1)
  await reader?.cancel()
  await given.proxy.until(({ open }) => open === 0)
})

test('HEAD, an empty answer, a handler that throws and a body that nobody reads end the connection too', async () => {
  await using given = await behindProxy()
  const app = appOf(given.cache)
  app.get('/text', async (c) => c.text(String(await c.var.cache.get('key'))))
  app.get('/empty', async (c) => {
    await c.var.cache.get('key')
    return c.body(null, 204)
  })
  app.get('/throws', async (c) => {
    await c.var.cache.get('key')
    throw new Error('of the handler')
  })
  app.onError((_error, c) => c.text('failed', 500))
  expect((await app.request('/text', { method: 'HEAD' })).status).toBe(200)
  expect((await app.request('/empty')).status).toBe(204)
  expect((await app.request('/throws')).status).toBe(500)
  expect((await app.request('/text')).status).toBe(200)
  await given.proxy.until(({ open }) => open === 0)
  expect(given.proxy.counters.connections).toBe(4)
})

test('a write that the handler did not await is stored before the response ends', async () => {
  await using given = await behindProxy()
  const app = appOf(given.cache)
  app.get('/', (c) => {
    void c.var.cache.set('late', 1)
    return c.text('ok')
  })
  await (await app.request('/')).text()
  expect(await given.cache.get('late')).toBe(1)
})

test('without waitUntil a body ends after the last write that it began and did not await', async () => {
  await using given = await behindProxy()
  await given.proxy.set('latency', { delay: 100 })
  const app = appOf(given.cache)
  let isStored: boolean | undefined
  app.get('/', (c) =>
    stream(c, async (out) => {
      await out.write('first;')
      await out.sleep(20)
      void c.var.cache.set('late', 1).then((stored) => (isStored = stored))
      await out.write('last')
    }),
  )
  expect(await (await app.request('/')).text()).toBe('first;last')
  expect(isStored).toBe(true)
})

test('with waitUntil the response does not wait for a silent Redis', async () => {
  await using given = await behindProxy()
  await given.proxy.set('silent')
  await given.cache.preload()
  const app = appOf(given.cache)
  let settled = false
  let write: Promise<unknown> = Promise.resolve()
  app.get('/', (c) => {
    write = c.var.cache.set('late', 1).finally(() => (settled = true))
    return c.text('ok')
  })
  const kept: Promise<unknown>[] = []
  const context = { waitUntil: (promise: Promise<unknown>) => void kept.push(promise), passThroughOnException: () => undefined, props: {} }
  const response = await app.request('/', {}, {}, context)
  expect(await response.text()).toBe('ok')
  expect(settled).toBe(false)
  await Promise.all(kept)
  expect(await write).toBe(false)
  await given.proxy.until(({ open }) => open === 0)
})

test('a request whose client goes away stops waiting and leaves nothing open', async () => {
  await using given = await behindProxy()
  await given.proxy.set('silent')
  const app = appOf(given.cache)
  app.get('/', async (c) => c.json(await c.var.cache.lookup('key')))
  const client = new AbortController()
  const answer = app.request('/', { signal: client.signal })
  await given.proxy.until(({ open }) => open === 1)
  client.abort()
  expect(await (await answer).json()).toMatchObject({ status: 'degraded', reason: 'aborted' })
  await given.proxy.until(({ open }) => open === 0)
})

test('a refused Redis is a degraded answer, and the request an ordinary one', async () => {
  await using given = await behindProxy()
  await given.proxy.set('refuse')
  const app = appOf(given.cache)
  app.get('/', async (c) => c.json(await c.var.cache.lookup('key')))
  expect(await (await app.request('/')).json()).toMatchObject({ status: 'degraded', reason: 'unreachable' })
  expect(await (await app.request('/')).json()).toMatchObject({ status: 'degraded', reason: 'cooldown' })
})

test('a function of the environment is called once', async () => {
  const environments: unknown[] = []
  const app = new Hono<CacheContextEnv>().use(
    cacheContext({
      cache: (env: { url: string }) => {
        environments.push(env)
        return createCache({ url: env.url })
      },
    }),
  )
  app.get('/', async (c) => c.json(await c.var.cache.set('key', 1)))
  const env = { url: 'memory:' }
  for (let request = 0; request < 3; request++) expect(await (await app.request('/', {}, env)).json()).toBe(true)
  expect(environments).toEqual([env])
})

test('headers, cookies and status survive, also those that outer middleware sets', async () => {
  const app = new Hono<CacheContextEnv>()
  app.use(async (c, next) => {
    await next()
    c.header('x-outer', '1')
  })
  app.use(cacheContext({ cache: createCache({ url: 'memory:' }) }))
  app.get('/', (c) => {
    c.header('set-cookie', 'a=1', { append: true })
    c.header('set-cookie', 'b=2', { append: true })
    return c.text('made', 201)
  })
  const response = await app.request('/')
  expect(response.status).toBe(201)
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(response.headers.get('x-outer')).toBe('1')
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(await response.text()).toBe('made')
})

test('a deadline of the platform bounds the request', async () => {
  await using given = await behindProxy()
  await given.proxy.set('silent')
  await given.cache.preload()
  const app = new Hono<CacheContextEnv>().use(cacheContext({ cache: given.cache, deadline: () => Date.now() + 100 }))
  app.get('/', async (c) => c.json(await c.var.cache.lookup('key')))
  expect(await (await app.request('/')).json()).toMatchObject({ status: 'degraded', reason: 'deadline' })
})

/** How an adapter tells that a response is over. */
const ADAPTERS: readonly (readonly [name: string, make: () => { env: object; end: () => void }])[] = [
  [
    '@hono/node-server',
    () => {
      const outgoing = serverResponse()
      return { env: { outgoing }, end: () => void outgoing.emit('close') }
    },
  ],
  [
    'Deno.serve',
    () => {
      let end = (): void => {}
      const completed = new Promise<void>((resolve) => (end = resolve))
      return { env: { completed }, end: () => end() }
    },
  ],
]

test.each(ADAPTERS)('where %s tells of the end of the response, its body is left alone and the cache is there until then', async (_name, make) => {
  await using given = await behindProxy()
  const { env, end } = make()
  const app = appOf(given.cache)
  const handlers: { response?: Response; cache?: Invocation } = {}
  app.get('/', async (c) => {
    handlers.cache = c.var.cache
    await c.var.cache.set('key', 'value')
    return (handlers.response = new Response('ok'))
  })
  expect(await app.request('/', {}, env)).toBe(handlers.response)
  expect(await handlers.cache?.lookup('key')).toMatchObject({ status: 'hit' })
  expect(given.proxy.counters).toMatchObject({ connections: 1, open: 1 })
  end()
  await given.proxy.until(({ open }) => open === 0)
  expect(await handlers.cache?.lookup('key')).toMatchObject({ status: 'degraded', reason: 'closed' })
  expect(given.proxy.counters.connections).toBe(1)
})

test('a binding that is named as what an adapter hands in is left alone, and the connection ends', async () => {
  await using given = await behindProxy()
  const called: string[] = []
  // Of a service of Workers every property is a function, which calls the other side.
  const service = new Proxy({}, { get: (_, name) => () => void called.push(String(name)) })
  const app = appOf(given.cache)
  app.get('/', async (c) => c.json(await c.var.cache.set('key', 'value')))
  expect(await (await app.request('/', {}, { outgoing: service, completed: service })).json()).toBe(true)
  await given.proxy.until(({ open }) => open === 0)
  expect(called).toEqual([])
})

test('where the adapter tells of the end, a response still waits for what its handler did not', async () => {
  await using given = await behindProxy()
  const app = appOf(given.cache)
  app.get('/', (c) => {
    void c.var.cache.set('late', 1)
    return c.text('ok')
  })
  await (await app.request('/', {}, { outgoing: serverResponse() })).text()
  expect(await given.cache.get('late')).toBe(1)
})

test('asking for waitUntil where there is none leaves the stacks of errors as they were', async () => {
  const app = appOf(createCache({ url: 'memory:' }))
  app.get('/', (c) => c.text(new Error('with a stack').stack ?? ''))
  expect(await (await app.request('/')).text()).toContain('\n    at ')
})
