import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { createClient } from 'redis'
import { expect, test } from 'vitest'
import { loadKeyv5Project, type ManagedCache } from './support/keyv5-project.ts'

/** Two applications of one Redis, whose stores have the namespaces `a` and `b`. */
async function applications() {
  const project = await loadKeyv5Project()
  const redis = await startRedis()
  const client = await createClient({ url: redis.url }).connect()
  return {
    project,
    redis,
    newStore: (namespace: string) => new project.fastmiss.KeyvFastmiss(redis.url, { keyv: 5, namespace, timeout: 5_000 }),
    keys: async () => (await client.keys('*')).sort(),
    async [Symbol.asyncDispose]() {
      client.destroy()
      await redis.stop()
      await project[Symbol.asyncDispose]()
    },
  }
}

test('a namespace that the store was given is kept where Keyv 5 has its default, and by what is built on it', async () => {
  await using given = await applications()
  const { project, newStore } = given
  const makers: Readonly<Record<string, (namespace: string) => Pick<ManagedCache, 'get' | 'set'>>> = {
    Keyv: (namespace) => new project.Keyv({ store: newStore(namespace) }),
    'cacheable, secondary': (namespace) => new project.Cacheable({ secondary: newStore(namespace) }),
    'cache-manager, stores': (namespace) => project.createCache({ stores: [new project.Keyv({ store: newStore(namespace) })] }),
  }
  for (const [name, make] of Object.entries(makers)) {
    const [one, other] = [make('a'), make('b')]
    await one.set(name, 1)
    await other.set(name, 2)
    expect([await make('a').get(name), await make('b').get(name)]).toEqual([1, 2])
  }
  const names = Object.keys(makers)
  expect(await given.keys()).toEqual(['a', 'b'].flatMap((namespace) => names.map((name) => `${namespace}::keyv:${name}`)).sort())
})

test('an iterator and a clear of Keyv 5 stay within a namespace that is kept', async () => {
  await using given = await applications()
  const [one, other] = ['a', 'b'].map((namespace) => new given.project.Keyv({ store: given.newStore(namespace) }))
  await one?.set('k', 1)
  await other?.set('k', 2)
  const found: unknown[] = []
  for await (const entry of one?.iterator?.() ?? []) found.push(entry)
  expect(found).toEqual([['k', 1]])
  await one?.clear()
  expect(await given.keys()).toEqual(['b::keyv:k'])
})

test("Nest's cache module keeps the namespaces of its stores, and clear() deletes no other application's keys", async () => {
  await using given = await applications()
  const { NestFactory, CacheModule, CACHE_MANAGER } = given.project.nest
  const plain = createCache({ url: given.redis.url, timeout: 5_000 })
  await plain.set('bare', 1)
  for (const stores of [
    (namespace: string) => [given.newStore(namespace)],
    (namespace: string) => [given.project.fastmiss.createKeyv(given.redis.url, { namespace, timeout: 5_000 })],
  ]) {
    const open = (namespace: string) => NestFactory.createApplicationContext(CacheModule.register({ stores: stores(namespace) }), { logger: false })
    const [one, other] = [await open('a'), await open('b')]
    await one.get(CACHE_MANAGER).set('k', 1, 60_000)
    await other.get(CACHE_MANAGER).set('k', 2, 60_000)
    expect(await given.keys()).toEqual(['a::k', 'b::k', 'bare'])
    expect([await one.get(CACHE_MANAGER).get('k'), await other.get(CACHE_MANAGER).get('k')]).toEqual([1, 2])
    await one.get(CACHE_MANAGER).clear()
    expect(await given.keys()).toEqual(['b::k', 'bare'])
    await Promise.all([one.close(), other.close()])
  }
  const clash = CacheModule.register({ stores: [given.newStore('a')], namespace: 'nest' })
  await expect(NestFactory.createApplicationContext(clash, { logger: false, abortOnError: false })).rejects.toThrow(
    /^namespace: the store has 'a' and Keyv sets 'nest'/,
  )
})

test('a namespace of Keyv 5 beside another one of the store is refused in words, and the same one is not', async () => {
  await using given = await applications()
  expect(() => new given.project.Keyv({ store: given.newStore('a'), namespace: 'b' })).toThrow(/^namespace: the store has 'a' and Keyv sets 'b'/)
  const keyv = new given.project.Keyv({ store: given.newStore('a'), namespace: 'a' })
  await keyv.set('k', 1)
  expect(await given.keys()).toEqual(['a::a:k'])
})

test('one store under two Keyvs of different namespaces throws, as soon as it would mix them up', async () => {
  await using given = await applications()
  const store = new given.project.fastmiss.KeyvFastmiss(given.redis.url, { keyv: 5, timeout: 5_000 })
  const first = new given.project.Keyv({ store, namespace: 'first' })
  await first.set('k', 1)
  const second = new given.project.Keyv({ store, namespace: 'second' })
  await second.set('k', 2)
  const errors: unknown[] = []
  first.on('error', (error) => errors.push(error))
  expect(await first.get('k')).toBeUndefined()
  expect(errors).toEqual([expect.objectContaining({ message: expect.stringMatching(/^store: two Keyvs have it/) as string })])
  await expect(store.get('first:k')).rejects.toThrow(/^store: two Keyvs have it/)
  await expect(store.clear()).rejects.toThrow(/^store: two Keyvs have it/)
  expect(await second.get('k')).toBe(2)
  expect(await given.keys()).toEqual(['first::first:k', 'second::second:k'])
})
