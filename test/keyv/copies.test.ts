import { createCache } from 'fastmiss'
import { createKeyv, KeyvFastmiss } from 'fastmiss/keyv'
import { faultProxy, startRedis, testCache } from 'fastmiss/testing'
import { expect, test } from 'vitest'

test('a Keyv with memory answers without a command, and in an outage with what was there', async () => {
  await using redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  const keyv = createKeyv(proxy.url, { namespace: 'app', memory: { ttl: 50 }, timeout: 250 })
  const errors: unknown[] = []
  keyv.on('error', (error) => errors.push(error))
  await keyv.set('a', { v: 1 }, 60_000)
  await keyv.set('b', 2)
  await keyv.set('short', 3, 40)
  await new Promise((resolve) => setTimeout(resolve, 60))
  await proxy.set('silent')
  expect(await keyv.get('a')).toEqual({ v: 1 })
  expect(await keyv.get('short')).toBeUndefined()
  expect(await keyv.getMany(['a', 'b', 'c'])).toEqual([{ v: 1 }, 2, undefined])
  expect(await keyv.has('a')).toBe(true)
  expect(await keyv.has('short')).toBe(false)
  expect(await keyv.set('b', 'new')).toBe(false)
  expect(await keyv.get('b')).toBe('new')
  await keyv.delete('a')
  expect(await keyv.get('a')).toBeUndefined()
  await keyv.clear()
  expect(await keyv.get('b')).toBeUndefined()
  expect(errors.length).toBeGreaterThan(0)
  await keyv.disconnect()
  await proxy.stop()
})

test('what another wrote is copied as it is read, and no longer than it lives', async () => {
  await using cache = testCache({ memory: { ttl: 5_000 } })
  const store = new KeyvFastmiss(cache)
  await cache.set('plain', 1, { ttl: 8_000 })
  await cache.set('tagged', 2, { tags: ['t'] })
  cache.clock.advance(6_000)
  expect(await store.getMany(['plain', 'tagged'])).toEqual([expect.stringContaining('"value":1'), expect.stringContaining('"value":2')])
  const sent = cache.commands.length
  expect(await store.get('plain')).toContain('"value":1')
  expect(cache.commands).toHaveLength(sent)
  // Nobody has looked at its tags.
  expect(await cache.lookup('tagged')).toMatchObject({ status: 'hit', from: 'redis' })
  cache.clock.advance(2_000)
  cache.fail('unreachable')
  expect(await store.get('plain')).toBeUndefined()
})

test('memory with the URL memory: is refused, and with a cache it belongs to the cache', () => {
  expect(() => createKeyv('memory:', { memory: true })).toThrow(/^memory: keeps copies/)
  expect(() => new KeyvFastmiss(createCache({ url: 'memory:' }), { memory: true })).toThrow(/^memory: belongs to createCache/)
})
