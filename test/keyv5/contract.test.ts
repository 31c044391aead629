import { startRedis, startUpstash } from 'fastmiss/testing'
import * as vitest from 'vitest'
import { loadKeyv5Project } from './support/keyv5-project.ts'

const { afterAll, describe, expect, test } = vitest
const project = await loadKeyv5Project()
const redis = await startRedis()
const upstash = await startUpstash({ redis: redis.url })
afterAll(async () => {
  await upstash.stop()
  await redis.stop()
  await project[Symbol.asyncDispose]()
})

const { core, fastmiss, Keyv, suite } = project
const memory = core.createCache({ url: 'memory:' })

const STORES: readonly (readonly [name: string, store: () => InstanceType<typeof fastmiss.KeyvFastmiss>])[] = [
  ['tcp', () => new fastmiss.KeyvFastmiss(redis.url, { keyv: 5, timeout: 5_000 })],
  ['upstash', () => new fastmiss.KeyvFastmiss({ url: upstash.url, token: upstash.token, timeout: 5_000, keyv: 5 })],
  ['memory', () => new fastmiss.KeyvFastmiss(memory, { keyv: 5 })],
]

describe.each(STORES)("Keyv's own suite for Keyv 5: %s", (_name, store) => {
  // The API, values and namespaces; what is left of the suite is for compression adapters.
  suite.default(vitest, Keyv, store)
  suite.keyvIteratorTests(vitest, Keyv, store)
})

describe.each(STORES)('the contract of Keyv 5, asked of the store itself: %s', (_name, newStore) => {
  test('a time to live counts from now: whole, fractional, very long, none or negative', async () => {
    const store = newStore()
    for (const ttl of [60_000, 60_000.5, 1e15, 1e300, undefined, 0]) {
      expect(await store.set('k', `with ${ttl}`, ttl)).toBe(true)
      expect(await store.get('k')).toBe(`with ${ttl}`)
    }
    await store.set('soon', 'x', 40)
    await expect.poll(() => store.get('soon')).toBeUndefined()
    expect(await store.set('k', 'x', -1)).toBe(true)
    expect(await store.get('k')).toBeUndefined()
    expect(
      await store.setMany([
        { key: 'a', value: '1', ttl: 40 },
        { key: 'b', value: '2' },
      ]),
    ).toEqual([true, true])
    await expect.poll(() => store.getMany(['a', 'b'])).toEqual([undefined, '2'])
    await store.clear()
  })

  test('a time to live from the environment, which is text, ends the entry too, as with @keyv/redis', async () => {
    const keyv = new Keyv({ store: newStore(), namespace: 'text' })
    const errors: unknown[] = []
    keyv.on('error', (error: unknown) => errors.push(error))
    const text = '40' as unknown as number
    expect(await keyv.set('soon', 'x', text)).toBe(true)
    await expect.poll(() => keyv.get('soon')).toBeUndefined()
    // What is no number would else stay for ever.
    expect(await keyv.set('soon', 'x', '1 hour' as unknown as number)).toBe(false)
    expect(await keyv.get('soon')).toBeUndefined()
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringMatching(/^ttl: expected milliseconds/) as string })])
  })

  test('deleteMany answers with one boolean', async () => {
    const store = newStore()
    await store.set('a', '1')
    expect(await store.deleteMany(['x', 'a'])).toBe(true)
    expect(await store.deleteMany(['x', 'a'])).toBe(false)
  })
})

test('a store for Keyv 6 is refused by Keyv 5 and by what is built on it, at once or at the first time to live', async () => {
  const forKeyv6 = new fastmiss.KeyvFastmiss(redis.url)
  expect(() => new Keyv({ store: forKeyv6 })).toThrow(/keyv: 5/)
  expect(() => (new Keyv({}).store = forKeyv6)).toThrow(/keyv: 5/)
  expect(() => new project.Cacheable({ secondary: forKeyv6 })).toThrow(/keyv: 5/)
  // cache-manager asks nothing of what it takes for a Keyv.
  await expect(project.createCache({ stores: [forKeyv6] }).set('k', 1, 1_000)).rejects.toThrow(/keyv: 5/)
})

test('createKeyv follows the Keyv that is installed', async () => {
  const keyv = fastmiss.createKeyv(redis.url, { namespace: 'app', timeout: 5_000 })
  expect(keyv).toBeInstanceOf(Keyv)
  expect(await keyv.set('k', 1, 60_000)).toBe(true)
  expect(await keyv.get('k')).toBe(1)
  expect(await new fastmiss.KeyvFastmiss(redis.url, { namespace: 'app', timeout: 5_000 }).get('k')).toMatch(/^\{"value":1,"expires":\d+\}$/)
  await keyv.clear()
})

test('a store for Keyv 5 loses nothing under Keyv 6, which bridges it', async () => {
  const { Keyv: Keyv6 } = await import('keyv')
  const keyv = new Keyv6({ store: new fastmiss.KeyvFastmiss(redis.url, { keyv: 5, timeout: 5_000 }), namespace: 'bridged' })
  expect(await keyv.set('k', 1, 60_000)).toBe(true)
  expect(await keyv.get('k')).toBe(1)
  expect(await keyv.setMany([{ key: 'a', value: 1, ttl: 40 }])).toEqual([true])
  await expect.poll(() => keyv.get('a')).toBeUndefined()
  expect(await keyv.delete('k')).toBe(true)
  await keyv.clear()
})
