import { createCache } from 'fastmiss'
import { purge, responseCache } from 'fastmiss/hono'
import { startRedis } from 'fastmiss/testing'
import { Hono } from 'hono'
import { createClient } from 'redis'
import { expect, test } from 'vitest'
import { givenApp } from './support/given-app.ts'

const fresh = { 'cache-control': 'max-age=600' }

/** Pages that vary by language, over a Redis whose keys a test can count. */
async function overRedis(options: Parameters<typeof responseCache>[0] = {}) {
  const redis = await startRedis()
  const client = await createClient({ url: redis.url }).connect()
  const cache = createCache({ url: redis.url, timeout: 10_000, connection: 'reuse' })
  const app = new Hono()
  app.use(responseCache({ cache, ...options }))
  let calls = 0
  app.get('*', (c) => {
    calls += 1
    return c.text(c.req.header('accept-language') ?? '', 200, { ...fresh, vary: 'accept-language' })
  })
  async function ask(language: string): Promise<string> {
    const response = await app.request('http://h/x', { headers: { 'accept-language': language } })
    expect(await response.text()).toBe(language)
    return response.headers.get('cache-status') ?? ''
  }
  return {
    cache,
    client,
    ask,
    calls: () => calls,
    askAll: (count: number, from = 0) => Promise.all(Array.from({ length: count }, (_, index) => ask(`l${from + index}`))),
    async [Symbol.asyncDispose]() {
      client.destroy()
      await redis.stop()
    },
  }
}

test('as many variants as may be are all found again when they came at once, and purge reaches all of them', async () => {
  await using given = await overRedis()
  await given.askAll(32)
  expect(given.calls()).toBe(32)
  for (const status of await given.askAll(32)) expect(status).toContain('hit')
  expect(await purge(given.cache, { url: 'http://h/x' })).toBe(true)
  expect(await given.client.dbSize()).toBe(0)
})
test('however many variants come at once, the keys are bounded, what is kept is found, and purge reaches all of it', async () => {
  await using given = await overRedis({ maxVariants: 8 })
  await given.askAll(100)
  // Their list is one key more.
  expect(await given.client.dbSize()).toBeLessThanOrEqual(9)
  const calls = given.calls()
  for (let language = 0; language < 100; language += 1) {
    // No key is left that nobody would find.
    await given.ask(`l${language}`)
    expect(await given.client.dbSize()).toBeLessThanOrEqual(9)
  }
  expect(given.calls()).toBeGreaterThan(calls)
  expect((await given.ask('l99')).includes('hit')).toBe(true)
  expect(await purge(given.cache, { url: 'http://h/x' })).toBe(true)
  expect(await given.client.dbSize()).toBe(0)
})
test('one after the other the oldest variant goes', async () => {
  await using given = await overRedis({ maxVariants: 2 })
  for (const language of ['de', 'en', 'fr']) await given.ask(language)
  expect(await given.ask('fr')).toContain('hit')
  expect(await given.ask('en')).toContain('hit')
  expect(await given.ask('de')).toContain('fwd=vary-miss')
})
test('every key has an end, also after a variant that lives longer', async () => {
  await using given = await overRedis({ keep: 0 })
  await given.askAll(3)
  for (const key of await given.client.keys('*')) expect(await given.client.pTTL(key)).toBeGreaterThan(0)
})
test('the list outlives the variant that lives longest', async () => {
  const cache = createCache({ url: 'memory:' })
  const { ask, calls } = givenApp(
    (c) => new Response('x', { headers: { 'cache-control': `max-age=${c.req.header('x-a') === 'long' ? 6_000 : 1}`, vary: 'x-a' } }),
    { cache },
  )
  await ask('/x', { 'x-a': 'short' })
  await ask('/x', { 'x-a': 'long' })
  await new Promise((resolve) => setTimeout(resolve, 2_100))
  expect((await ask('/x', { 'x-a': 'long' })).cacheStatus).toContain('hit')
  expect(calls).toHaveLength(2)
})
test('an answer without Vary leaves the variants alone, and is for nobody who selects otherwise', async () => {
  const allowed = ['https://a.test', 'https://b.test', 'https://c.test']
  const { ask } = givenApp((c) => {
    const origin = c.req.header('origin') ?? ''
    return new Response('font', {
      headers: { ...fresh, ...(allowed.includes(origin) ? { vary: 'Origin', 'access-control-allow-origin': origin } : {}) },
    })
  })
  for (const origin of allowed.slice(0, 2)) await ask('/font', { origin })
  await ask('/font', { origin: 'https://evil.test' })
  for (const origin of allowed.slice(0, 2)) {
    const { headers, cacheStatus } = await ask('/font', { origin })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    expect(cacheStatus).toContain('hit')
  }
  expect((await ask('/font', { origin: 'https://c.test' })).headers.get('access-control-allow-origin')).toBe('https://c.test')
  expect((await ask('/font')).headers.get('access-control-allow-origin')).toBeNull()
  expect((await ask('/font')).cacheStatus).toContain('hit')
})
test('variants with and without Vary that come at once lose nothing', async () => {
  let release: () => void = () => {}
  const allAsked = new Promise<void>((resolve) => (release = resolve))
  const { ask, calls } = givenApp(async (c, call) => {
    if (call === 4) release()
    await allAsked
    return new Response(c.req.header('x-a') ?? 'none', { headers: { ...fresh, ...(c.req.header('x-a') && { vary: 'x-a' }) } })
  })
  const all: Record<string, string>[] = [{}, { 'x-a': '1' }, { 'x-a': '2' }, { 'x-a': '3' }]
  await Promise.all(all.map((fields) => ask('/x', fields)))
  for (const fields of all.slice(1)) {
    const { text, cacheStatus } = await ask('/x', fields)
    expect(text).toBe(fields['x-a'])
    expect(cacheStatus).toContain('hit')
  }
  expect(calls).toHaveLength(4)
})
test('a Vary that grows leaves those that were stored before it', async () => {
  const { ask } = givenApp((c) => new Response('x', { headers: { ...fresh, vary: c.req.header('x-b') === undefined ? 'x-a' : 'x-a, x-b' } }))
  await ask('/x', { 'x-a': '1' })
  await ask('/x', { 'x-a': '2', 'x-b': '1' })
  for (const fields of [{ 'x-a': '1' }, { 'x-a': '2', 'x-b': '1' }] as Record<string, string>[])
    expect((await ask('/x', fields)).cacheStatus).toContain('hit')
  expect((await ask('/x', { 'x-a': '2', 'x-b': '2' })).cacheStatus).toContain('fwd=vary-miss')
})
