import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Cache, createCache } from 'fastmiss'
import { cacheContext, responseCache } from 'fastmiss/hono'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { recordBody } from '../../src/hono/response/record-body.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('of a body that turned out too long nothing is held while the rest of it passes', async () => {
  const held: WeakRef<object>[] = []
  /** Remembers what is kept of it. */
  class Chunk extends Uint8Array<ArrayBuffer> {
    constructor(given: ArrayBuffer | number) {
      super(typeof given === 'number' ? new ArrayBuffer(given) : given)
      // A copy is made by its length.
      if (typeof given === 'number') held.push(new WeakRef(this))
    }
  }
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Chunk(new ArrayBuffer(4))) }, { highWaterMark: 0 })
  const ends: unknown[] = []
  const recorded = recordBody(new Response(endless), 10, (bytes) => {
    ends.push(bytes)
    return undefined
  })
  const reader = recorded.body?.getReader()
  for (let part = 0; part < 4; part += 1) expect((await reader?.read())?.value).toHaveLength(4)
  expect(ends).toEqual([undefined])
  expect(held).toHaveLength(2)
  // A WeakRef holds on until the end of the turn in which it was made.
  await new Promise(setImmediate)
  collectGarbage()
  expect(held.map((one) => one.deref())).toEqual([undefined, undefined])
  await reader?.cancel()
})

test.each([
  ['GET', {}],
  ['range', { range: 'bytes=0-' }],
])('a handler that fills one Buffer again and again is stored as it was sent, by a %s', async (_name, headers) => {
  const app = new Hono()
  const block = Buffer.alloc(4)
  let made = 0
  app.use(responseCache({ cache: createCache({ url: 'memory:' }), preset: 'full' }))
  app.get('/', () => {
    const body = new ReadableStream(
      {
        pull(controller) {
          if ((made += 1) > 3) controller.close()
          else controller.enqueue(block.fill(`${made}`))
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(body, { headers: { 'cache-control': 'max-age=60' } })
  })
  await (await app.request('/', { headers })).text()
  const again = await app.request('/')
  expect([again.headers.get('cache-status'), await again.text()]).toEqual([expect.stringContaining('; hit'), '111122223333'])
})

test.each([
  ['responseCache', (cache: Cache) => responseCache({ cache })],
  ['cacheContext', (cache: Cache) => cacheContext({ cache })],
])('a body that somebody else is reading fails behind %s as it does without, and nobody waits for ever', async (_name, middleware) => {
  const app = new Hono()
  app.use(middleware(createCache({ url: 'memory:' })))
  app.get('/', async () => {
    const response = new Response('body', { headers: { 'cache-control': 'max-age=60' } })
    response.body?.getReader()
    return response
  })
  await expect((await app.request('/')).text()).rejects.toThrow(TypeError)
})
