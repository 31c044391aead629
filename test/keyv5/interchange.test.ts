import { createCache } from 'fastmiss'
import { startRedis, startUpstash } from 'fastmiss/testing'
import Keyv6 from 'keyv'
import { KeyvFastmiss } from 'fastmiss/keyv'
import { afterAll, expect, test } from 'vitest'
import { loadKeyv5Project } from './support/keyv5-project.ts'

const project = await loadKeyv5Project()
const redis = await startRedis()
const upstash = await startUpstash({ redis: redis.url })
afterAll(async () => {
  await upstash.stop()
  await redis.stop()
  await project[Symbol.asyncDispose]()
})

const VALUES = [0, '', ':colon', '😀', null, [1, [2]], { a: { b: ':' } }, Buffer.from([0, 128, 255])]

interface Store {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown, ttl: number): Promise<unknown>
}

function viaFacade(namespace: string): Store {
  const cache = createCache({ url: redis.url, namespace, timeout: 5_000 })
  return { get: (key) => cache.get(key), set: (key, value, ttl) => cache.set(key, value, { ttl }) }
}

async function exchange(one: Store, other: Store): Promise<void> {
  for (const [writer, reader] of [
    [one, other],
    [other, one],
  ] as const) {
    for (const [index, value] of VALUES.entries()) {
      await writer.set(`k${index}`, value, 60_000)
      expect(plain(await reader.get(`k${index}`))).toEqual(plain(value))
    }
  }
}

test('createKeyv of @keyv/redis, ours on Keyv 5, ours on Keyv 6, over REST too, and the facade read what the others write', async () => {
  const theirs = project.redis.createKeyv(redis.url, { namespace: 'app' })
  const onKeyv5 = project.fastmiss.createKeyv(redis.url, { namespace: 'app', timeout: 5_000 })
  const onKeyv6 = new Keyv6({ store: new KeyvFastmiss(redis.url, { timeout: 5_000 }), namespace: 'app' })
  const rest = new KeyvFastmiss({ url: upstash.url, token: upstash.token, timeout: 5_000 })
  const overRest = new Keyv6({ store: rest, namespace: 'app' })
  for (const ours of [onKeyv5, onKeyv6, overRest, viaFacade('app')]) await exchange(theirs, ours)
  await exchange(onKeyv5, onKeyv6)
  const keys: unknown[] = []
  for await (const [key] of onKeyv5.iterator()) keys.push(key)
  expect(keys.map(String).toSorted((a, b) => a.localeCompare(b))).toEqual(VALUES.map((_, index) => `k${index}`))
  await onKeyv5.clear()
  expect(await theirs.get('k0')).toBeUndefined()
  await theirs.disconnect()
})

test('`new Keyv({ store, namespace })` of Keyv 5 doubles the prefix: ours does so there too, and reads it elsewhere by keyFormat', async () => {
  const KeyvRedis = project.redis.default
  const theirs = new project.Keyv({ store: new KeyvRedis(redis.url), namespace: 'double' })
  const onKeyv5 = new project.Keyv({ store: new project.fastmiss.KeyvFastmiss(redis.url, { keyv: 5, timeout: 5_000 }), namespace: 'double' })
  const store = new KeyvFastmiss(redis.url, { keyFormat: 'namespace::namespace:key', timeout: 5_000 })
  await exchange(theirs, onKeyv5)
  await exchange(theirs, new Keyv6({ store, namespace: 'double' }))
  await theirs.disconnect()
})

/** Keyv gives a Buffer where the facade gives a Uint8Array: the same bytes. */
function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value
}
