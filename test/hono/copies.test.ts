import { purge } from 'fastmiss/hono'
import { testCache, type TestCacheOptions } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { givenApp, saying } from './support/given-app.ts'

const SECOND = 1_000
const FRESH = { 'cache-control': 'max-age=60, stale-if-error=600' }

function given(headers: Record<string, string> = FRESH, options: TestCacheOptions = {}) {
  const cache = testCache({ memory: { ttl: 5 * SECOND }, ...options })
  const { ask, calls } = givenApp(saying(headers), { cache })
  return { cache, ask, calls }
}

test('a hot page is a hit without a command for memory.ttl, and says so', async () => {
  const { cache, ask, calls } = given()
  await ask('/x')
  const sent = cache.commands.length
  expect((await ask('/x')).cacheStatus).toBe('fastmiss; hit; ttl=60; detail=memory')
  expect(cache.commands).toHaveLength(sent)
  cache.clock.advance(5 * SECOND)
  expect((await ask('/x')).cacheStatus).toBe('fastmiss; hit; ttl=55')
  expect((await ask('/x')).cacheStatus).toBe('fastmiss; hit; ttl=55; detail=memory')
  expect(calls).toHaveLength(1)
})

test.each(['timeout', 'unreachable', 'reply'] as const)(
  'while Redis answers with %s a hot page goes on being a hit, and a new one is made once',
  async (fault) => {
    const { cache, ask, calls } = given()
    await ask('/x')
    cache.clock.advance(10 * SECOND)
    cache.fail(fault)
    for (let index = 0; index < 3; index++) expect((await ask('/x')).cacheStatus).toMatch(/^fastmiss; hit; ttl=\d+; detail=memory$/)
    expect(calls).toHaveLength(1)
    expect((await ask('/y')).cacheStatus).toMatch(/^fastmiss; fwd=miss; fwd-status=200; .*detail=(timeout|unreachable|reply|cooldown)$/)
    for (let index = 0; index < 3; index++) expect((await ask('/y')).cacheStatus).toMatch(/hit;.*detail=memory$/)
    expect(calls).toHaveLength(2)
    cache.fail()
    cache.clock.advance(20 * SECOND)
    expect((await ask('/x')).cacheStatus).toMatch(/^fastmiss; hit; ttl=\d+$/)
    // Redis never had it.
    expect((await ask('/y')).cacheStatus).toContain('fwd=uri-miss')
  },
)

test('a purge is seen at once in this process, in an outage too', async () => {
  const { cache, ask, calls } = given({ ...FRESH, 'cache-tag': 't' })
  await ask('https://shop.example/x')
  expect((await ask('https://shop.example/x')).cacheStatus).toContain('detail=memory')
  cache.fail('unreachable')
  expect(await purge(cache, { url: 'https://shop.example/x' })).toBe(false)
  expect((await ask('https://shop.example/x')).cacheStatus).toContain('fwd=miss')
  expect((await ask('https://shop.example/x')).cacheStatus).toContain('detail=memory')
  expect(await purge(cache, { tag: 't' })).toBe(false)
  expect((await ask('https://shop.example/x')).cacheStatus).toContain('fwd=miss')
  expect(calls).toHaveLength(3)
})

test('an unsafe method forgets the page in this process at once, in an outage too', async () => {
  const { cache, ask, calls } = given()
  await ask('/x')
  cache.fail('unreachable')
  expect((await ask('/x')).cacheStatus).toContain('detail=memory')
  await ask('/x', {}, 'POST')
  expect((await ask('/x')).cacheStatus).toContain('fwd=miss')
  expect(calls).toHaveLength(3)
})

test('responses that vary are hits from memory, each its own, in an outage too', async () => {
  const { cache, ask, calls } = given({ ...FRESH, vary: 'accept-language' })
  for (const language of ['de', 'en']) await ask('/x', { 'accept-language': language })
  for (const language of ['de', 'en']) await ask('/x', { 'accept-language': language })
  const sent = cache.commands.length
  for (const language of ['de', 'en']) expect((await ask('/x', { 'accept-language': language })).cacheStatus).toContain('detail=memory')
  expect(cache.commands).toHaveLength(sent)
  cache.clock.advance(10 * SECOND)
  cache.fail('unreachable')
  for (const language of ['de', 'en']) expect((await ask('/x', { 'accept-language': language })).cacheStatus).toContain('detail=memory')
  expect(calls).toHaveLength(2)
})

test('what is past its time is asked for again, and stands in for an error of the handler in an outage', async () => {
  const cache = testCache({ memory: { ttl: 5 * SECOND } })
  let isBroken = false
  const { ask } = givenApp((c) => (isBroken ? c.text('broken', 500) : c.text('page', 200, FRESH)), { cache })
  await ask('/x')
  cache.clock.advance(70 * SECOND)
  cache.fail('unreachable')
  isBroken = true
  expect(await ask('/x')).toMatchObject({ status: 200, text: 'page' })
})

test('without room for unconfirmed copies a miss in an outage is passed by', async () => {
  const { cache, ask, calls } = given(FRESH, { memory: { outage: 0 } })
  cache.fail('unreachable')
  for (let index = 0; index < 2; index++) expect((await ask('/y')).cacheStatus).toMatch(/fwd=miss; fwd-status=200; detail=/)
  expect(calls).toHaveLength(2)
})
