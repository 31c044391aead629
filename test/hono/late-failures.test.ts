import { type CacheEvent, createCache } from 'fastmiss'
import { responseCache, type ResponseCacheOptions } from 'fastmiss/hono'
import { testCache } from 'fastmiss/testing'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'

const encoder = new TextEncoder()
const head = { etag: '"v1"', 'cache-control': 'public, max-age=600', 'content-type': 'text/plain', 'content-length': '100' }

/** A body that begins and then breaks off, or never goes on. */
function unfinished(how: 'breaks' | 'hangs'): ReadableStream<Uint8Array> {
  let part = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        part += 1
        if (part === 1) controller.enqueue(encoder.encode('part'))
        else if (how === 'breaks') controller.error(new Error('broken on purpose'))
        else await new Promise(() => {})
      },
    },
    { highWaterMark: 0 },
  )
}

function given(how: 'breaks' | 'hangs', options: ResponseCacheOptions = {}) {
  const app = new Hono()
  const errors: Error[] = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text('Internal error', 500)
  })
  app.use(responseCache({ cache: createCache({ url: 'memory:' }), ...options }))
  app.get('*', () => new Response(unfinished(how), { headers: head }))
  return { app, errors }
}

describe.each(['breaks', 'hangs'] as const)('a body that %s', (how) => {
  test.each([{}, { waitUntil: () => (promise: Promise<unknown>) => void promise }])('does not hold up a 304', async (options) => {
    const { app, errors } = given(how, options)
    const response = await app.request('/x', { headers: { 'if-none-match': '"v1"' } })
    expect([response.status, response.headers.get('etag'), response.headers.get('content-length')]).toEqual([304, '"v1"', null])
    expect(errors).toEqual([])
  })
  test('does not hold up the head where a range is asked for, and the client sees what came', async () => {
    const { app, errors } = given(how, { preset: 'full' })
    const response = await app.request('/x', { headers: { range: 'bytes=0-2' } })
    expect(response.status).toBe(200)
    const reader = response.body?.getReader()
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('part')
    if (how === 'breaks') await expect(reader?.read()).rejects.toThrow('broken on purpose')
    else await reader?.cancel()
    expect(errors).toEqual([])
    expect((await app.request('/x', { headers: { 'cache-control': 'only-if-cached' } })).status).toBe(504)
  })
})
test('a response that cannot be read leaves nothing of the handler on the error page, and what was set further out stays', async () => {
  const app = new Hono()
  app.onError((_, c) => c.text('Internal error', 500))
  app.use(async (c, next) => {
    c.header('access-control-allow-origin', '*')
    await next()
  })
  app.use(responseCache({ cache: createCache({ url: 'memory:' }) }))
  app.get('*', (c) =>
    Object.defineProperty(c.text('body', 200, head), 'bodyUsed', {
      get() {
        throw new Error('on purpose')
      },
    }),
  )
  const response = await app.request('/x')
  expect([response.status, await response.text()]).toEqual([500, 'Internal error'])
  for (const name of ['etag', 'cache-control', 'content-length']) expect(response.headers.get(name)).toBeNull()
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
})

const thrown = new Error('on purpose')
function throws(): never {
  throw thrown
}
async function isAsync(): Promise<never> {
  return throws()
}

describe.each([
  ['skip', 'fwd=bypass; fwd-status=200; detail=skip-failed'],
  ['key', 'fwd=bypass; fwd-status=200; detail=key-failed'],
  ['tags', 'fwd=uri-miss; fwd-status=200; detail=tags-failed'],
] as const)('%s', (option, status) => {
  test.each([
    ['throws', throws, thrown],
    ['is async', isAsync, new TypeError(`${option}: gave a promise; it must not be async`)],
    ['gives what it must not', option === 'skip' ? throws : () => [5], expect.any(Error)],
  ])('that %s: the handler answers, nothing is stored, and an event tells', async (_, failing, error) => {
    const events: CacheEvent[] = []
    const cache = createCache({ url: 'memory:', onEvent: (event) => void (event.type === 'option-failed' && events.push(event)) })
    const app = new Hono()
    let asked = 0
    app.use(responseCache({ cache, [option]: failing }))
    app.get('*', (c) => c.text(`answer ${(asked += 1)}`, 200, { 'cache-control': 'max-age=60, stale-while-revalidate=60' }))
    for (const answer of ['answer 1', 'answer 2']) {
      const response = await app.request('/x')
      expect([response.status, await response.text(), response.headers.get('cache-status')]).toEqual([200, answer, `fastmiss; ${status}`])
    }
    expect(events).toEqual([1, 2].map(() => ({ type: 'option-failed', option, error })))
    expect((await app.request('/x', { method: 'POST' })).status).toBe(404)
  })
})

const platform = (waitUntil: () => never) => ({ waitUntil, passThroughOnException: () => {}, props: {} })
function refuses(): never {
  throw new Error('the request is over')
}

describe.each([
  ['an option that throws', { waitUntil: () => refuses }, undefined],
  ['an option that rejects', { waitUntil: () => async () => refuses() }, undefined],
  ['an option that throws when it is asked for', { waitUntil: refuses }, undefined],
  ["the platform's, which throws", {}, platform(refuses)],
] as const)('a waitUntil that fails: %s', (_, options, context) => {
  test('never breaks a response', async () => {
    const cache = testCache()
    const app = new Hono()
    app.use(responseCache({ cache, ttl: 1_000, swr: 100_000, ...options }))
    app.get('*', (c) => c.text('body'))
    for (const [advance, status] of [
      [0, 'stored'],
      [0, 'hit'],
      [2_000, /hit|fwd=stale/],
    ] as const) {
      cache.clock.advance(advance)
      const response = await app.fetch(new Request('http://h/x'), {}, context)
      expect([response.status, await response.text()]).toEqual([200, 'body'])
      expect(response.headers.get('cache-status')).toMatch(status)
    }
  })
})
