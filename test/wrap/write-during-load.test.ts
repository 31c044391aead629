import { type Cache, createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'

const WRITES: Readonly<Record<string, (cache: Cache) => Promise<unknown>>> = {
  delete: (cache) => cache.delete('k'),
  deleteMany: (cache) => cache.deleteMany(['k']),
  set: (cache) => cache.set('k', 'written'),
  'set of what is over already': (cache) => cache.set('k', 'written', { ttl: 0 }),
  setMany: (cache) => cache.setMany([{ key: 'k', value: 'written' }]),
  clear: (cache) => cache.clear({ timeout: 2_000 }),
}

/** A load that begins, then a write while its loader runs; and what is there afterwards. */
async function stored(loading: Cache, writing: Cache, write: (cache: Cache) => Promise<unknown>): Promise<unknown> {
  const load = async (): Promise<string> => {
    await write(writing)
    return 'loaded before'
  }
  expect(await loading.wrap('k', load, { tags: ['t'] })).toBe('loaded before')
  return loading.get('k')
}

test('a write of the same process wins over a load under way, one of another process only as an invalidation', async () => {
  await using redis = await startRedis()
  const [here, there] = [0, 1].map(() => createCache({ url: redis.url, namespace: 'app', timeout: 2_000 })) as [Cache, Cache]
  for (const [name, write] of Object.entries(WRITES)) {
    await here.delete('k')
    expect.soft(await stored(here, here, write), `${name}, here`).toBe(name === 'set' || name === 'setMany' ? 'written' : undefined)
    await here.delete('k')
    // As the documentation says. A clear takes the versions of tags along, so that it counts as an invalidation.
    expect.soft(await stored(here, there, write), `${name}, there`).toBe(name === 'clear' ? undefined : 'loaded before')
  }
  for (const cache of [here, there]) {
    await here.delete('k')
    expect.soft(await stored(here, cache, (one) => one.invalidateTags(['t']))).toBeUndefined()
  }
})
