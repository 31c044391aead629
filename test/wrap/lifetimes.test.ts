import { createCache, type SetOptions } from 'fastmiss'
import { testCache } from 'fastmiss/testing'
import { expect, test } from 'vitest'

const OVER = [0, -0, -1, -0.5, -1e300]
const NONE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '60s', '60', null, 5n] as readonly number[]

/** What an entry stored with a time to live has left of it. */
async function left(cache: ReturnType<typeof testCache>, key: string): Promise<number | undefined> {
  const found = await cache.lookup(key)
  return found.status === 'hit' ? found.ttl : undefined
}

test('a fraction of a millisecond is rounded up, wherever a time to live comes with data', async () => {
  await using cache = testCache()
  await cache.set('set', 1, { ttl: 1_000.2 })
  await cache.setMany([{ key: 'setMany', value: 1, ttl: 0.2 }])
  await cache.wrap('wrap', () => 1, { ttl: 1_000.2, swr: 500 })
  await cache.wrap('setTtl', ({ setTtl }) => setTtl(1_000 / 3), { negativeTtl: 5 })
  await cache.wrapMany(['wrapMany'], (_, { setTtl }) => (setTtl('wrapMany', 0.5), { wrapMany: 1 }))
  expect(await Promise.all(['set', 'setMany', 'wrap', 'wrapMany'].map((key) => left(cache, key)))).toEqual([1_001, 1, 1_001, 1])
  expect(cache.commands.filter(([name]) => name === 'SET').map((command) => command.at(-1))).toEqual(['1001', '1', '1501', '334', '1'])
})

test('a time to live beyond all that Redis takes is as long as Redis takes', async () => {
  await using cache = testCache()
  expect(await cache.set('k', 1, { ttl: 1e300 })).toBe(true)
  expect(cache.commands).toMatchObject([['SET', 'k', {}, 'PX', String(Number.MAX_SAFE_INTEGER)]])
})

test.each(OVER)('a time to live of %d is over already: nothing is stored, and what is stored is deleted', async (ttl) => {
  await using cache = testCache()
  const stores: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    set: async (key) => expect(await cache.set(key, 'new', { ttl, tags: ['t'] })).toBe(true),
    setMany: async (key) =>
      expect(
        await cache.setMany([
          { key, value: 'new', ttl },
          { key: `${key} too`, value: 1 },
        ]),
      ).toEqual([true, true]),
    unwritable: async (key) => expect(await cache.set(key, new Map(), { ttl })).toBe(true),
  }
  for (const [key, store] of Object.entries(stores)) {
    await cache.set(key, 'old')
    await store(key)
    expect(await cache.lookup(key)).toEqual({ status: 'miss' })
    await store(key)
  }
  expect(await cache.get('setMany too')).toBe(1)
})

test.each(OVER)('a value that is loaded with a time to live of %d is returned, and neither it nor the one before is served again', async (ttl) => {
  const windows = { swr: 60_000, staleIfError: 60_000, jitter: 0.5 }
  await using cache = testCache()
  const loads: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    wrap: (key) => cache.wrapped(key, () => 'new', { ...windows, ttl, tags: ['t'] }),
    setTtl: (key) => cache.wrapped(key, ({ setTtl }) => (setTtl(ttl), 'new'), { ...windows, ttl: 1_000 }),
    wrapMany: async (key) => ({
      value: (await cache.wrapMany([key], () => ({ [key]: 'new' }), { ...windows, ttl }))[0],
      status: 'miss',
      stored: false,
    }),
    'setTtl of wrapMany': async (key) => ({
      value: (await cache.wrapMany([key], (_, { setTtl }) => (setTtl(key, ttl), { [key]: 'new' }), { ttl: 1_000 }))[0],
      status: 'miss',
      stored: false,
    }),
  }
  for (const [key, load] of Object.entries(loads)) {
    expect(await load(key)).toMatchObject({ value: 'new', status: 'miss', stored: false })
    await cache.wrap(key, () => 'old', { ttl: 1_000, staleIfError: 60_000 })
    cache.clock.advance(1_500)
    expect(await cache.lookup(key)).toMatchObject({ status: 'stale' })
    expect(await load(key)).toMatchObject({ value: 'new' })
    expect(await cache.lookup(key)).toEqual({ status: 'miss' })
  }
})

test('what another isolate stores while a value without a time to live is loaded is deleted too', async () => {
  await using cache = testCache()
  const load = async (): Promise<string> => {
    // Not by the cache itself, which would know that what is loaded is out of date.
    await other.set('k', 'of another isolate')
    return 'new'
  }
  const other = createCache({ url: 'memory:' })
  expect(await cache.wrapped('k', load, { ttl: 0 })).toMatchObject({ value: 'new', stored: false })
  expect(cache.commands.at(-1)).toEqual(['DEL', 'k'])
})

test.each(NONE)('a time to live of %s is refused in words', async (ttl) => {
  await using cache = testCache()
  const message = /^ttl: expected milliseconds, got .*; leave it out for no expiry$/
  const options: SetOptions = { ttl }
  await cache.set('k', 'old')
  await expect(cache.set('k', 1, options)).rejects.toThrow(message)
  await expect(cache.setMany([{ key: 'k', value: 1, ttl }])).rejects.toThrow(message)
  await expect(cache.wrap('k', () => 1, options)).rejects.toThrow(message)
  await expect(cache.wrapMany(['k'], () => ({ k: 1 }), options)).rejects.toThrow(message)
  await expect(cache.wrap('new', ({ setTtl }) => setTtl(ttl))).rejects.toThrow(message)
  await expect(cache.wrapMany(['new'], (_, { setTtl }) => (setTtl('new', ttl), {}))).rejects.toThrow(message)
  expect(await cache.get('k')).toBe('old')
})

test('a window after the time to live needs one, of the call or of the cache, and a window of 0 needs none', async () => {
  await using cache = testCache()
  await using withTtl = testCache({ ttl: 1_000 })
  for (const options of [{ swr: 1 }, { staleIfError: 1 }, { swr: 1, ttl: undefined }]) {
    await expect(cache.wrap('k', () => 1, options)).rejects.toThrow(/^(swr|staleIfError): needs a ttl/)
    await expect(cache.wrapMany(['k'], () => ({}), options)).rejects.toThrow(/needs a ttl/)
    expect(await withTtl.wrap('k', () => 1, options)).toBe(1)
    expect(await cache.wrap('k', () => 1, { ...options, ttl: 1 })).toBe(1)
    await cache.delete('k')
  }
  expect(await cache.wrap('k', () => 1, { swr: 0, staleIfError: 0 })).toBe(1)
})
