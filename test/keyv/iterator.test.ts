import { createCache } from 'fastmiss'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { collect } from './support/collect.ts'

test('an entry beyond the limits costs the iterator no other entry', async () => {
  await using redis = await startRedis()
  const writer = new KeyvFastmiss(redis.url, { namespace: 'app', timeout: 5_000 })
  const keys = Array.from({ length: 250 }, (_, index) => `k${index}`)
  await writer.setMany(keys.map((key, index) => ({ key, value: index === 100 ? 'x'.repeat(2_000) : 'x' })))
  const reader = new KeyvFastmiss(redis.url, { namespace: 'app', timeout: 5_000, limits: { valueBytes: 1_000 } })
  const errors: unknown[] = []
  reader.on('error', (error) => errors.push(error))
  const found = new Map(await collect(reader.iterator()))
  expect([...found.keys()].sort()).toEqual(keys.filter((key) => key !== 'k100').sort())
  expect(errors).toMatchObject([{ code: 'oversize' }])
})

test('what an iterator and a clear come to is told to onEvent of the cache beneath', async () => {
  const events: unknown[] = []
  const store = new KeyvFastmiss(createCache({ url: 'memory:', namespace: 'app', onEvent: (event) => events.push(event) }))
  await store.setMany(['a', 'b', 'c'].map((key) => ({ key, value: key })))
  events.length = 0
  await collect(store.iterator())
  await store.clear()
  expect(events).toMatchObject([
    { type: 'hit', operation: 'get', count: 3 },
    { type: 'write', operation: 'clear', count: 1 },
  ])
})
