import { type CacheEvent, type CacheOptions, createCache } from 'fastmiss'
import { cacheContext, responseCache } from 'fastmiss/hono'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { givenApp } from './support/given-app.ts'

/** A handler that waits until it is let go. */
function slow(fields: Record<string, string>, options: Parameters<typeof givenApp>[1] = {}) {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const given = givenApp(
    async (c, call) => {
      await released
      if (c.req.path === '/throws') throw new Error('down')
      return new Response(`call ${call}`, { headers: fields })
    },
    { collapse: 5_000, ...options },
  )
  return { ...given, release }
}
const fresh = { 'cache-control': 'max-age=60' }

/** The first request is with the handler when the others ask. */
async function together(given: ReturnType<typeof slow>, path: string, all: readonly Record<string, string>[]) {
  const [first = {}, ...others] = all
  const leading = given.ask(path, first)
  while (given.calls.length === 0) await new Promise(setImmediate)
  const waiting = others.map((fields) => given.ask(path, fields))
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
  given.release()
  return Promise.all([leading, ...waiting])
}

test('concurrent misses of one key share one answer of the handler', async () => {
  const given = slow(fresh)
  const [first, ...others] = await together(given, '/x', [{}, {}, {}, {}])
  expect(given.calls).toHaveLength(1)
  expect(first?.cacheStatus).toContain('stored')
  for (const other of others)
    expect(other).toMatchObject({ text: 'call 1', cacheStatus: expect.stringMatching(/^fastmiss; fwd=uri-miss; ttl=(60|59); collapsed$/) })
})
test.each([
  ['private', { 'cache-control': 'private' }],
  ['with Set-Cookie', { ...fresh, 'set-cookie': 'id=1' }],
  ['of an uncacheable kind', {}],
])('an answer that is %s is not shared', async (_, fields) => {
  const given = slow(fields)
  const answers = await together(given, '/x', [{}, {}, {}])
  expect(new Set(answers.map(({ text }) => text)).size).toBe(3)
})
test('what varies is shared only between requests that select the same', async () => {
  const given = slow({ ...fresh, vary: 'accept' })
  const answers = await together(given, '/x', [{ accept: 'a' }, { accept: 'a' }, { accept: 'b' }])
  expect(answers.map(({ text }) => text)).toEqual(['call 1', 'call 1', 'call 2'])
})
test('requests with credentials neither wait nor are waited for', async () => {
  const given = slow({ 'cache-control': 'public, max-age=60' })
  const answers = await together(given, '/x', [{ authorization: 'a' }, {}, { authorization: 'b' }])
  expect(new Set(answers.map(({ text }) => text)).size).toBe(3)
})
test('a handler that throws, or one that hangs, does not hold the others', async () => {
  const throwing = slow(fresh)
  const answers = await together(throwing, '/throws', [{}, {}])
  expect(answers.map(({ status }) => status)).toEqual([500, 500])

  const hanging = slow(fresh, { collapse: 30 })
  const leading = hanging.ask('/x')
  while (hanging.calls.length === 0) await new Promise(setImmediate)
  const other = hanging.ask('/x')
  while (hanging.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  hanging.release()
  expect((await other).text).toBe('call 2')
  expect((await leading).text).toBe('call 1')
})
test('one middleware before two caches never hands the answer of one to the other', async () => {
  const shared = responseCache({ ttl: 60_000, collapse: 5_000 })
  let release: () => void = () => {}
  const bothAsked = new Promise<void>((resolve) => (release = resolve))
  let calls = 0
  const tenant = (namespace: string): Hono => {
    const app = new Hono()
    app.use(cacheContext({ cache: createCache({ url: 'memory:', namespace }) }), shared)
    return app.get('/secret', async (c) => {
      calls += 1
      if (calls === 2) release()
      await bothAsked
      return c.text(namespace)
    })
  }
  const app = new Hono().mount('/a', tenant('tenant-a').fetch).mount('/b', tenant('tenant-b').fetch)
  const answers = await Promise.all(['/a/secret', '/b/secret'].map(async (path) => (await app.request(path)).text()))
  expect(answers).toEqual(['tenant-a', 'tenant-b'])
})
test.each(['memory', 'tcp', 'tcp, reused', 'rest'])(
  'fifty that miss together are one call, over %s, with cacheContext and without it',
  async (wire) => {
    await using redis = await startRedis()
    await using upstash = await startUpstash({ redis: redis.url })
    const options: Record<string, CacheOptions> = {
      memory: { url: 'memory:' },
      tcp: { url: redis.url },
      'tcp, reused': { url: redis.url, connection: 'reuse' },
      rest: { url: upstash.url, token: upstash.token },
    }
    for (const isInContext of [true, false]) {
      let looked = 0
      let release: () => void = () => {}
      const released = new Promise<void>((resolve) => (release = resolve))
      // The leader is answered when all have looked: whoever looks later finds it stored.
      const onEvent = ({ type }: CacheEvent): void => {
        if (type === 'miss' && (looked += 1) === 50) setTimeout(release)
      }
      const cache = createCache({ url: '', ...options[wire], namespace: `n${isInContext}`, timeout: 5_000, onEvent })
      const app = new Hono()
      if (isInContext) app.use(cacheContext({ cache }))
      app.use(responseCache({ ...(isInContext ? {} : { cache }), collapse: 10_000 }))
      let calls = 0
      app.get('/x', async (c) => {
        calls += 1
        await released
        return c.text('one', 200, { 'cache-control': 'max-age=60' })
      })
      const responses = await Promise.all(Array.from({ length: 50 }, async () => app.request('/x')))
      expect(await Promise.all(responses.map((response) => response.text()))).toEqual(Array(50).fill('one'))
      expect(calls).toBe(1)
      expect(responses.filter((response) => response.headers.get('cache-status')?.includes('collapsed'))).toHaveLength(49)
    }
  },
)
test('two codings of a cold page are two calls and two stored copies', async () => {
  const given = givenApp(
    async (c, call) => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return new Response(`${c.req.header('accept-encoding')} ${call}`, { headers: { ...fresh, vary: 'accept-encoding' } })
    },
    { collapse: 5_000 },
  )
  const codings = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'gzip' : 'br'))
  const answers = await Promise.all(codings.map((coding) => given.ask('/x', { 'accept-encoding': coding })))
  expect(answers.map(({ text }) => text)).toEqual(codings.map((coding) => (coding === 'gzip' ? 'gzip 1' : 'br 2')))
  expect(given.calls).toHaveLength(2)
  for (const coding of ['gzip', 'br']) expect((await given.ask('/x', { 'accept-encoding': coding })).cacheStatus).toContain('hit')
})
test('without the option nobody waits', () => {
  expect(() => responseCache({ collapse: -1 })).toThrow('collapse:')
})
