import { runInNewContext } from 'node:vm'
import { testCache } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { isolates } from './support/isolates.ts'
import { background, gate, onWire, WIRES } from './support/wires.ts'

/** A loader that writes down what it is asked for, and gives each key in upper case. */
function upper() {
  const asked: (readonly string[])[] = []
  return {
    asked,
    load(keys: readonly string[]): Record<string, string> {
      asked.push(keys)
      return Object.fromEntries(keys.map((key) => [key, key.toUpperCase()]))
    },
  }
}

describe.each(WIRES)('over %s', (wire) => {
  test('the loader is called once, for what is missing, and the answer is by position', async () => {
    await using given = await onWire(wire)
    const { load, asked } = upper()
    await given.cache.set('b', 'stored', { ttl: 60_000 })
    expect(await given.cache.wrapMany(['a', 'b', 'c', 'a'], load, { ttl: 60_000 })).toEqual(['A', 'stored', 'C', 'A'])
    expect(asked).toEqual([['a', 'c']])
    expect(await given.other().getMany(['a', 'b', 'c'])).toEqual(['A', 'stored', 'C'])
    expect(await given.other().wrapMany(['c', 'a'], load)).toEqual(['C', 'A'])
    expect(asked).toHaveLength(1)
  })

  test('thousands of keys are one read and one write', { timeout: 30_000 }, async () => {
    await using given = await onWire(wire)
    // The gateway gives its Redis 800 ms, which 10,000 commands may need on a busy machine.
    const keys = Array.from({ length: wire === 'rest' ? 1_000 : 10_000 }, (_, index) => `k${index}`)
    const { load, asked } = upper()
    const values = keys.map((key) => key.toUpperCase())
    expect(await given.cache.wrapMany(keys, load, { ttl: 60_000, timeout: 20_000 })).toEqual(values)
    expect(await given.cache.wrapMany(keys, load, { ttl: 60_000, timeout: 20_000 })).toEqual(values)
    expect(asked).toHaveLength(1)
  })
})

test('it costs one round trip to read and one to write, with tags too', async () => {
  await using cache = testCache()
  const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
  await cache.wrapMany(keys, upper().load, { tags: ['t'] })
  // The first time the tag gets its version.
  expect(cache.counters.requests).toBe(3)
  await cache.wrapMany(keys, upper().load, { tags: ['t'] })
  expect(cache.counters.requests).toBe(4)
  await cache.invalidateTags(['t'])
  await cache.wrapMany(keys, upper().load, { tags: ['t'] })
  expect(cache.counters.requests).toBe(7)
})

test('a Map will do, and what the loader does not give is undefined and not stored, or remembered for negativeTtl', async () => {
  await using cache = testCache()
  const calls: (readonly string[])[] = []
  const load = (keys: readonly string[]): Map<string, number> => {
    calls.push(keys)
    return new Map([['a', 1]])
  }
  expect(await cache.wrapMany(['a', 'b'], load)).toEqual([1, undefined])
  expect(await cache.wrapMany(['a', 'b'], load, { negativeTtl: 1_000 })).toEqual([1, undefined])
  expect(await cache.wrapMany(['a', 'b'], load)).toEqual([1, undefined])
  expect(calls).toEqual([['a', 'b'], ['b']])
  expect(await cache.wrapMany(['constructor'], () => ({}))).toEqual([undefined])
  expect(await cache.wrapMany([], load)).toEqual([])
})

test('a Map of another realm will do as well: Jest has two', async () => {
  const foreign = runInNewContext(`new Map([['a', 1]])`) as ReadonlyMap<string, number>
  expect(await testCache().wrapMany(['a', 'b'], () => foreign)).toEqual([1, undefined])
})

test('each key may have its own tags, time to live, and leave not to be stored', async () => {
  await using cache = testCache()
  const load = (
    keys: readonly string[],
    context: { setTtl(key: string, ttl: number): void; doNotStore(key: string): void },
  ): Record<string, string> => {
    context.setTtl('a', 500)
    context.doNotStore('b')
    return upper().load(keys)
  }
  await cache.wrapMany(['a', 'b', 'c'], load, { ttl: 60_000, tags: (key) => [`of ${key}`] })
  expect(await cache.getMany(['a', 'b', 'c'])).toEqual(['A', undefined, 'C'])
  await cache.invalidateTags(['of c'])
  expect(await cache.getMany(['a', 'c'])).toEqual(['A', undefined])
  cache.clock.advance(500)
  expect(await cache.get('a')).toBeUndefined()
})

test('stale values come at once and are refreshed in the background, in one call, under a lease each', async () => {
  const { isolate, advance } = isolates()
  const caches = [isolate(), isolate()]
  const { waitUntil, settled } = background()
  const options = { ttl: 1_000, swr: 60_000, waitUntil }
  await caches[0]?.wrapMany(['a', 'b'], () => ({ a: 1, b: 1 }), options)
  advance(1_500)
  const { opened, open } = gate()
  const asked: (readonly string[])[] = []
  const load = async (keys: readonly string[]): Promise<Record<string, number>> => {
    asked.push(keys)
    if (!keys.includes('c')) await opened
    return { a: 2, b: 2, c: 2 }
  }
  expect(await caches[0]?.wrapMany(['a', 'b', 'c'], load, options)).toEqual([1, 1, 2])
  expect(await caches[1]?.wrapMany(['a', 'b', 'c'], load, options)).toEqual([1, 1, 2])
  open()
  await settled()
  expect(asked).toEqual([['c'], ['a', 'b']])
  expect(await caches[1]?.wrapMany(['a', 'b', 'c'], load, options)).toEqual([2, 2, 2])
})

test('without waitUntil what is stale is loaded along with what is missing', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, swr: 60_000 }
  await cache.wrapMany(['a'], () => ({ a: 1 }), options)
  cache.clock.advance(1_500)
  const { load, asked } = upper()
  expect(await cache.wrapMany(['a', 'b'], load, options)).toEqual(['A', 'B'])
  expect(asked).toEqual([['b', 'a']])
})

test('where the loader fails stale values are served, and one that has none rejects', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, staleIfError: 60_000 }
  await cache.wrapMany(['a'], () => ({ a: 1 }), options)
  cache.clock.advance(1_500)
  const down = (): Promise<never> => Promise.reject(new Error('down'))
  expect(await cache.wrapMany(['a'], down, options)).toEqual([1])
  await expect(cache.wrapMany(['a', 'b'], down, options)).rejects.toThrow('down')
  await expect(cache.wrapMany(['a'], () => [1] as never)).rejects.toThrow(/^loader: expected a Map or an object of values by key, got an array/)
  await expect(cache.wrapMany(['b'], () => new Promise<never>(() => {}), { loaderTimeout: 20 })).rejects.toThrow('longer than 20 ms')
})

test('what others are loading is waited for, and they wait in turn', async () => {
  await using cache = testCache()
  const { opened, open } = gate()
  const asked: string[] = []
  const many = (keys: readonly string[]): Promise<Record<string, string>> => {
    asked.push(...keys)
    return opened.then(() => Object.fromEntries(keys.map((key) => [key, `many ${key}`])))
  }
  const single = cache.wrap('a', () => opened.then(() => 'single a'))
  await new Promise(setImmediate)
  const both = cache.wrapMany(['a', 'b'], many)
  await new Promise(setImmediate)
  const late = cache.wrap('b', () => 'never')
  const again = cache.wrapMany(['a', 'b', 'c'], many)
  await new Promise(setImmediate)
  open()
  expect(await single).toBe('single a')
  expect(await both).toEqual(['single a', 'many b'])
  expect(await late).toBe('many b')
  expect(await again).toEqual(['single a', 'many b', 'many c'])
  expect(asked).toEqual(['b', 'c'])
})

test('in an outage everything is loaded and nothing rejects', async () => {
  await using cache = testCache()
  cache.fail('timeout')
  const { load, asked } = upper()
  expect(await cache.wrapMany(['a', 'b'], load, { tags: ['t'], ttl: 5, swr: 5 })).toEqual(['A', 'B'])
  expect(asked).toEqual([['a', 'b']])
  expect(cache.counters.requests).toBe(1)
})

test('an async function for tags is refused, and what it rejects with ends no process', async () => {
  await using cache = testCache()
  const unhandled: unknown[] = []
  const keep = (reason: unknown): void => void unhandled.push(reason)
  process.on('unhandledRejection', keep)
  const tags = async (): Promise<string[]> => Promise.reject(new Error('boom'))
  await expect(cache.wrapMany(['a'], () => ({}), { tags: tags as never })).rejects.toThrow(/^tags: /)
  await new Promise((resolve) => setTimeout(resolve, 10))
  process.off('unhandledRejection', keep)
  expect(unhandled).toEqual([])
})

test('wrong options reject with the name of the option', async () => {
  await using cache = testCache()
  const { load } = upper()
  for (const [options, message] of [
    [{ ttl: 'x' }, /^ttl: /],
    [{ swr: 5 }, /^swr: needs a ttl/],
    [{ lease: true }, /^lease: unknown option/],
    [{ tags: 'a' }, /^tags: /],
    [{ tags: () => 'a' }, /^tags: /],
  ] as const) {
    await expect(cache.wrapMany(['a'], load, options as never)).rejects.toThrow(message)
  }
  await expect(cache.wrapMany('a' as never, load)).rejects.toThrow(/^keys: expected an array/)
  await expect(cache.wrapMany(['a'], 'a' as never)).rejects.toThrow(/^loader: /)
})

describe('after a soft timeout', () => {
  const options = { ttl: 1_000, staleIfError: 60_000, loaderTimeout: { soft: 20 } }
  async function givenStale() {
    const cache = testCache()
    await cache.wrapMany(['a', 'b'], () => ({ a: 1, b: 1 }), options)
    cache.clock.advance(1_500)
    const { opened, open } = gate()
    const signals: AbortSignal[] = []
    const load = async (keys: readonly string[], { signal }: { signal: AbortSignal }) => {
      signals.push(signal)
      await opened
      return Object.fromEntries(keys.map((key) => [key, 2]))
    }
    return { cache, open, load, signals }
  }

  test('the stale values are served, and the loader goes on in the background though the invocation ends', async () => {
    const { cache, open, load, signals } = await givenStale()
    const { waitUntil, settled, kept } = background()
    const controller = new AbortController()
    const invocation = cache.invocation({ waitUntil, signal: controller.signal })
    expect(await invocation.wrapMany(['a', 'b'], load, options)).toEqual([1, 1])
    expect(kept).toHaveLength(1)
    controller.abort()
    await invocation.close()
    open()
    await settled()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    expect(await cache.getMany(['a', 'b'])).toEqual([2, 2])
  })

  test.each([
    ['one of the values has no stale one', ['a', 'c'], background().waitUntil],
    ['there is no waitUntil', ['a', 'b'], undefined],
  ] as const)('the loader is waited for all the same where %s', async (_, keys, waitUntil) => {
    const { cache, open, load } = await givenStale()
    const asked = cache.wrapMany(keys, load, { ...options, ...(waitUntil && { waitUntil }) })
    setTimeout(open, 60)
    expect(await asked).toEqual([2, 2])
  })

  test('a loader that is quick enough is waited for', async () => {
    const { cache, open, load } = await givenStale()
    open()
    expect(await cache.wrapMany(['a', 'b'], load, { ...options, loaderTimeout: { soft: 5_000 }, waitUntil: background().waitUntil })).toEqual([2, 2])
  })
})

test('a key that is too long shares its load with no other key, whatever that is called', async () => {
  await using cache = testCache({ limits: { keyBytes: 80 } })
  const { opened, open } = gate()
  const [long, longer] = ['x'.repeat(81), 'x'.repeat(82)]
  const load = (name: string) => async (keys: readonly string[]) => {
    await opened
    return Object.fromEntries(keys.map((key) => [key, `${name} ${key.length}`]))
  }
  const first = cache.wrapMany([long, longer], load('first'))
  await new Promise(setImmediate)
  const second = cache.wrapMany([longer], load('second'))
  // What those keys once went by among the loads under way.
  const named = cache.wrap('CacheError: The key is longer than limits.keyBytes (80)', () => 'its own')
  await new Promise(setImmediate)
  open()
  expect(await Promise.all([first, second, named])).toEqual([['first 81', 'first 82'], ['second 82'], 'its own'])
})
