import { createCache, type Reply, type Transport } from 'fastmiss'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { startRedis, startUpstash } from 'fastmiss/testing'
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

test.each([
  ['short', 10, [10, 100, 100, 40]],
  // As many as are 1 MiB together.
  ['long', 300_000, [10, ...Array<number>(80).fill(3)]],
  ['very long', 3_000_000, [10, ...Array<number>(240).fill(1)]],
])('the iterator reads %s values in batches that do not run into the timeout', async (_name, length, sizes) => {
  const text = 'x'.repeat(length)
  const asked: number[] = []
  const answer = ([name, ...keys]: readonly string[]): Reply => {
    if (name === 'MGET') return keys.map(() => text)
    return name === 'GET' ? text : ['0', Array.from({ length: 250 }, (_, index) => `k${index}`)]
  }
  const transport: Transport = {
    name: 'counting',
    spansSlots: true,
    open: () => ({
      isUsable: true,
      close: () => {},
      send: async (commands) => {
        if (commands[0]?.[0] !== 'SCAN') asked.push(commands.flatMap(([, ...keys]) => keys).length)
        return commands.map(answer)
      },
    }),
  }
  expect(await collect(new KeyvFastmiss({ transport }).iterator())).toHaveLength(250)
  expect(asked).toEqual(sizes)
})

test('over REST, a first batch whose answer would be too long is asked for in halves', { timeout: 30_000 }, async () => {
  await using upstash = await startUpstash()
  const store = new KeyvFastmiss({ url: upstash.url, token: upstash.token, timeout: 10_000 })
  const errors: unknown[] = []
  store.on('error', (error) => errors.push(error))
  const keys = Array.from({ length: 12 }, (_, index) => `k${index}`)
  // Ten of them are more than the 16 MiB that one answer may have.
  for (const key of keys) expect(await store.set(key, key.padEnd(2_000_000, '.'))).toBe(true)
  const found = await collect(store.iterator())
  expect(found.map(([key]) => key).sort()).toEqual(keys.toSorted())
  expect(found.every(([key, text]) => text.length === 2_000_000 && text.startsWith(`${key}.`))).toBe(true)
  expect(errors).toEqual([])
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
