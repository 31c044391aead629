import { testCache } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { givenApp, saying } from './support/given-app.ts'

const fresh = { 'cache-control': 'max-age=60' }

/** What a second request asks of Redis, after a first one has stored. */
async function costOfHit(fields: Record<string, string>, options: object = {}, request: Record<string, string> = {}) {
  const cache = testCache({ now: () => Date.now() })
  const { ask, calls } = givenApp(saying({ ...fresh, ...fields }), { cache, ...options })
  await ask('/x', request)
  const before = cache.commands.length
  const { requests } = cache.counters
  expect((await ask('/x', request)).cacheStatus).toContain('hit')
  expect(calls).toHaveLength(1)
  return { commands: cache.commands.slice(before).map(([name]) => name), roundTrips: cache.counters.requests - requests }
}

test('a hit is one command, and the handler is not asked', async () => {
  expect(await costOfHit({})).toEqual({ commands: ['GET'], roundTrips: 1 })
})
test('in a process that has not seen the page a hit is one command too, and two where it varies', async () => {
  for (const [fields, names] of [
    [{}, ['MGET']],
    [{ vary: 'x-a' }, ['MGET', 'GET']],
  ] as const) {
    const cache = testCache({ now: () => Date.now() })
    await givenApp(saying({ ...fresh, ...fields }), { cache }).ask('/x')
    const before = cache.commands.length
    expect((await givenApp(saying(fresh), { cache }).ask('/x')).cacheStatus).toContain('hit')
    expect(cache.commands.slice(before).map(([name]) => name)).toEqual(names)
  }
})
test('a Vary that was not declared is one more, one that was declared is none', async () => {
  expect(await costOfHit({ vary: 'x-a' })).toEqual({ commands: ['GET', 'GET'], roundTrips: 2 })
  expect(await costOfHit({ vary: 'x-a' }, { vary: ['x-a'] }, { 'x-a': '1' })).toEqual({ commands: ['MGET'], roundTrips: 1 })
  expect(await costOfHit({}, { cookies: ['lang'] }, { cookie: 'lang=de' })).toEqual({ commands: ['MGET'], roundTrips: 1 })
})
test('tags are one more round trip, however many they are', async () => {
  expect(await costOfHit({ 'cache-tag': 'a, b' })).toEqual({ commands: ['GET', 'GET', 'GET'], roundTrips: 2 })
})
test('a request that goes past the cache asks nothing of Redis', async () => {
  const cache = testCache({ now: () => Date.now() })
  const { ask } = givenApp(saying(fresh), { cache })
  for (const fields of [{ cookie: 'id=1' }, { 'x-forwarded-host': 'b.test' }, { range: 'lines=1' }] as Record<string, string>[])
    await ask('/x', fields)
  for (const method of ['OPTIONS', 'QUERY']) await ask('/x', {}, method)
  expect(cache.commands).toEqual([])
})
test('what may not be stored is one read and no write', async () => {
  for (const fields of [{ 'cache-control': 'no-store' }, { ...fresh, 'set-cookie': 'a=1' }, { ...fresh, vary: '*' }] as Record<string, string>[]) {
    const cache = testCache({ now: () => Date.now() })
    await givenApp(saying(fields), { cache }).ask('/x')
    expect(cache.commands.map(([name]) => name)).toEqual(['MGET'])
  }
})
test('a miss that is stored is one read and one write, a variant is listed in the same round trip', async () => {
  for (const [fields, names] of [
    [{}, ['MGET', 'SET', 'EXISTS']],
    [{ vary: 'x-a' }, ['MGET', 'SET', 'SET', 'APPEND', 'DEL', 'GET', 'PTTL']],
  ] as const) {
    const cache = testCache({ now: () => Date.now() })
    await givenApp(saying({ ...fresh, ...fields }), { cache }).ask('/x')
    expect(cache.commands.map(([name]) => name)).toEqual(names)
    expect(cache.counters.requests).toBe(2)
  }
})
