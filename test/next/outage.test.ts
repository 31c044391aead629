import { type CacheEvent, createCache } from 'fastmiss'
import { type FaultProxy, faultProxy, startRedis } from 'fastmiss/testing'
import { cacheHandler, cacheHandlers } from 'fastmiss/next'
import { expect, test } from 'vitest'
import { contextOf, entry, fetched, page, textOf } from './support/handlers.ts'

const SOFT = ['_N_T_/a']
const lifetime = { cacheControl: { revalidate: 60, expire: 3_600 } }

/** Both handlers of a process over one cache, as docs/next.md has it. */
function process(proxy: FaultProxy, more: { readonly memory?: boolean } = {}) {
  const events: CacheEvent[] = []
  const cache = createCache({
    url: proxy.url,
    namespace: 'app',
    timeout: 200,
    cooldown: 300,
    maxCooldown: 300,
    connection: 'reuse',
    onEvent: (event) => void events.push(event),
    ...more,
  })
  const Handler = cacheHandler({ cache })
  return { cache, events, isr: new Handler(contextOf()), use: cacheHandlers({ cache }) }
}

test.each(['silent', 'refuse'] as const)('where Redis is %s a page costs one timeout, is rendered, and nothing loops', async (fault) => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const { cache, events, isr, use } = process(proxy)
  await isr.get('/a', { kind: 'APP_PAGE' })
  await isr.set('/a', page('a'), lifetime)
  await use.set('k', Promise.resolve(entry(['a'])))
  expect(await isr.get('/a', { kind: 'APP_PAGE' })).not.toBeNull()
  await proxy.set(fault)
  const attempts = proxy.counters.connections
  const startedAt = performance.now()
  // All that one page asks for, one after the other.
  await use.refreshTags()
  expect(await isr.get('/a', { kind: 'APP_PAGE' })).toBeNull()
  expect(await use.get('k', SOFT)).toBeUndefined()
  expect(await isr.get('data', { kind: 'FETCH', tags: ['posts'], softTags: SOFT })).toBeNull()
  await isr.set('data', fetched('1', ['posts']), { fetchCache: true, tags: ['posts'] })
  await use.set('k', Promise.resolve(entry(['b'], { tags: ['posts'] })))
  await isr.set('/a', page('b'), lifetime)
  await isr.revalidateTag('posts')
  await use.updateTags(['posts'], { expire: 60 })
  expect(performance.now() - startedAt).toBeLessThan(700)
  expect(proxy.counters.connections - attempts).toBeLessThanOrEqual(3)
  expect(events).toContainEqual(expect.objectContaining({ type: 'degraded', operation: 'get' }))
  const after = proxy.counters.connections
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(proxy.counters.connections).toBe(after)
  await proxy.set('healthy')
  await expect.poll(() => isr.get('/a', { kind: 'APP_PAGE' })).not.toBeNull()
  await cache.close()
  await proxy.until(({ open }) => open === 0)
})

test('what was revalidated in the outage is gone for everybody once Redis is back, before this process reads anything', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const { cache, isr, use } = process(proxy)
  const other = cacheHandlers({ url: redis.url, namespace: 'app', timeout: 5_000 })
  const tagged = (text: string, tag: string) => Promise.resolve(entry([text], { tags: [tag] }))
  await use.set('gone', tagged('a', 'posts'))
  await use.set('stale', tagged('a', 'users'))
  await proxy.set('refuse')
  await use.updateTags(['posts'])
  await use.updateTags(['users'], { expire: 60 })
  // The outage is not this process's alone: nobody else knows of it.
  expect(await textOf(await other.get('gone', SOFT))).toBe('a')
  await proxy.set('healthy')
  await expect.poll(() => use.get('stale', SOFT), { interval: 50 }).toMatchObject({ revalidate: -1 })
  expect([await use.get('gone', SOFT), await other.get('gone', SOFT)]).toEqual([undefined, undefined])
  expect(await other.get('stale', SOFT)).toMatchObject({ revalidate: -1 })
  expect(await isr.get('/none', { kind: 'APP_PAGE' })).toBeNull()
  await cache.close()
})

test('with copies in this process a page that was read before is served in the outage, and one that was rendered in it is not rendered again', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const { cache, isr, use } = process(proxy, { memory: true })
  await isr.get('/a', { kind: 'APP_PAGE' })
  await isr.set('/a', page('a', ['posts']), lifetime)
  await use.get('k', SOFT)
  await use.set('k', Promise.resolve(entry(['a'], { tags: ['posts'] })))
  await proxy.set('silent')
  expect(await isr.get('/b', { kind: 'APP_PAGE' })).toBeNull()
  await isr.set('/b', page('b', ['posts']), lifetime)
  for (const [path, html] of [
    ['/a', 'a'],
    ['/b', 'b'],
  ] as const)
    expect(await isr.get(path, { kind: 'APP_PAGE' })).toMatchObject({ value: { html } })
  expect(await textOf(await use.get('k', SOFT))).toBe('a')
  await cache.close()
})

test('what many tags owe Redis after an outage is told once and a part at a time, however many read meanwhile', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const { cache, events, use } = process(proxy)
  await use.set('k', Promise.resolve(entry(['a'])))
  await proxy.set('refuse')
  const tags = Array.from({ length: 1_000 }, (_, index) => `tag:${index}`)
  await use.updateTags(tags)
  // A name that is no key would be refused for ever, and nothing could be served any more.
  await use.updateTags(['x'.repeat(100_000)])
  events.length = 0
  const readers = () => Promise.all(Array.from({ length: 20 }, () => use.get('k', [])))
  expect((await readers()).every((found) => found === undefined)).toBe(true)
  const told = (type: CacheEvent['type']) =>
    events.reduce((sum, event) => ('count' in event && event.type === type && event.operation === 'invalidateTags' ? sum + event.count : sum), 0)
  expect(told('degraded')).toBeLessThanOrEqual(250)
  await proxy.set('healthy')
  await expect.poll(async () => (await readers()).some((found) => found !== undefined), { timeout: 10_000 }).toBe(true)
  expect(told('write')).toBe(1_000)
  expect((await readers()).every((found) => found !== undefined)).toBe(true)
  await cache.close()
})

test('all round trips of a read share the timeout, that which compares ages included', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const use = cacheHandlers({ url: proxy.url, timeout: 300 })
  const other = cacheHandlers({ url: redis.url, timeout: 10_000 })
  // Touched by another process, and then the entry was made, with a tag of its own, by one that knows nothing of the other's.
  await other.updateTags(SOFT)
  // What is touched within the timeout before an entry counts as touched after it.
  await new Promise((resolve) => setTimeout(resolve, 350))
  await other.set('k', Promise.resolve(entry(['a'], { tags: ['posts'] })))
  await expect.poll(() => use.get('k', SOFT), { timeout: 10_000 }).toBeDefined()
  await proxy.set('slow', { delay: 130 })
  expect(await use.get('k', SOFT)).toBeUndefined()
  await proxy.set('healthy')
})
