import { createCache } from 'fastmiss'
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
test('an option that throws leaves nothing of the handler on the error page, and what was set further out stays', async () => {
  const app = new Hono()
  app.onError((_, c) => c.text('Internal error', 500))
  app.use(async (c, next) => {
    c.header('access-control-allow-origin', '*')
    await next()
  })
  app.use(
    responseCache({
      cache: createCache({ url: 'memory:' }),
      tags: () => {
        throw new Error('on purpose')
      },
    }),
  )
  app.get('*', (c) => c.text('body', 200, head))
  const response = await app.request('/x')
  expect([response.status, await response.text()]).toEqual([500, 'Internal error'])
  for (const name of ['etag', 'cache-control', 'content-length']) expect(response.headers.get(name)).toBeNull()
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
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
