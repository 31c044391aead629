import { type Cache, createCache } from 'fastmiss'
import { faultProxy, startRedis, testCache } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { isolates } from './support/isolates.ts'
import { counting, gate, onWire, WIRES } from './support/wires.ts'

describe.each(WIRES)('over %s', (wire) => {
  test('500 concurrent misses of one key call the loader once, outside an invocation and in many', async () => {
    await using given = await onWire(wire)
    const loader = counting()
    const invocations = Array.from({ length: 10 }, () => given.cache.invocation())
    const load = async (): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return loader.load()
    }
    const asked = Array.from({ length: 500 }, (_, index) =>
      (index % 2 === 0 ? given.cache : (invocations[index % 10] ?? given.cache)).wrap('k', load, { ttl: 60_000 }),
    )
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['value 1']))
    expect(loader.calls).toBe(1)
    for (const invocation of invocations) await invocation.close()
  })
})

test('those who wait get the rejection too, and the next call loads anew', async () => {
  await using cache = testCache()
  const { opened, open } = gate()
  let calls = 0
  const failing = async (): Promise<never> => {
    calls += 1
    await opened
    throw new Error(`failure ${calls}`)
  }
  const asked = Array.from({ length: 5 }, () => cache.wrap('k', failing).catch(String))
  await Promise.resolve()
  open()
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['Error: failure 1']))
  expect(await cache.wrap('k', () => 1)).toBe(1)
})

test('different keys do not wait for each other', async () => {
  await using cache = testCache()
  const { opened, open } = gate()
  const slow = cache.wrap('slow', () => opened)
  expect(await cache.wrap('quick', () => 1)).toBe(1)
  open()
  await slow
})

test('a loader that hangs does not hold the others for longer than loaderTimeout.hard allows', async () => {
  await using cache = testCache()
  let calls = 0
  const hanging = () =>
    new Promise<number>((resolve) => {
      calls += 1
      if (calls > 1) resolve(calls)
    })
  void cache.wrap('k', hanging)
  const others = Array.from({ length: 20 }, () => cache.wrap('k', hanging, { loaderTimeout: 60 }))
  await expect.poll(() => calls).toBe(1)
  cache.clock.advance(60)
  expect(new Set(await Promise.all(others))).toEqual(new Set([2]))
  expect(calls).toBe(2)
})

test('a loader that never settles, without any bound, is not waited for by who comes ten seconds later', async () => {
  await using cache = testCache()
  const never = (): Promise<never> => new Promise(() => {})
  void cache.wrap('k', never)
  void cache.wrapMany(['l'], never)
  await expect.poll(() => cache.commands.length).toBe(2)
  await new Promise(setImmediate)
  cache.clock.advance(10_000)
  expect(await cache.wrap('k', () => 1)).toBe(1)
  expect(await cache.wrapMany(['k', 'l'], () => ({ l: 2 }))).toEqual([1, 2])
})

test("the loader's signal fires when its caller has gone, and not while others wait", async () => {
  await using cache = testCache()
  const { opened, open } = gate()
  const signals: AbortSignal[] = []
  const load = async ({ signal }: { signal: AbortSignal }): Promise<number> => {
    signals.push(signal)
    await opened
    return 1
  }
  const gone = new AbortController()
  const alone = new AbortController()
  const shared = cache.wrap('shared', load, { signal: gone.signal })
  await expect.poll(() => signals.length).toBe(1)
  const other = cache.wrap('shared', load)
  const lonely = cache.wrap('alone', load, { signal: alone.signal })
  await expect.poll(() => signals.length).toBe(2)
  await new Promise(setImmediate)
  gone.abort()
  alone.abort('gone')
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true])
  expect(signals[1]?.reason).toBe('gone')
  open()
  // The loader did not heed it: its value is returned. Nothing rejects but the loader.
  expect(await Promise.all([shared, other, lonely])).toEqual([1, 1, 1])
})

test('who comes after a loader was given up does not wait for it, nor fail with it', async () => {
  await using cache = testCache()
  const controller = new AbortController()
  const heeding = ({ signal }: { signal: AbortSignal }): Promise<number> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => void setTimeout(reject, 20, signal.reason))
    })
  const gone = cache.wrap('k', heeding, { signal: controller.signal }).catch(String)
  const many = cache.wrapMany(['l'], async (_, context) => ({ l: await heeding(context) }), { signal: controller.signal }).catch(String)
  await expect.poll(() => cache.commands.length).toBe(2)
  await new Promise(setImmediate)
  controller.abort('gone')
  expect(await cache.wrap('k', () => 1)).toBe(1)
  expect(await cache.wrapMany(['l'], () => ({ l: 1 }))).toEqual([1])
  expect([await gone, await many]).toEqual(['gone', 'gone'])
})

test('an invocation that was aborted or closed still gets the value of its loader', async () => {
  await using cache = testCache()
  await using aborted = cache.invocation({ signal: AbortSignal.abort() })
  expect(await aborted.wrapped('k', ({ signal }) => signal.aborted)).toMatchObject({ value: true, status: 'degraded', reason: 'aborted' })
  const closed = cache.invocation()
  await closed.close()
  expect(await closed.wrapped('k', () => 1)).toMatchObject({ value: 1, status: 'degraded', reason: 'closed' })
})

describe('who comes after an invalidation is not given what was loaded before it', () => {
  test.each([
    ['that the option names', { tags: ['t'] }, []],
    ['that the loader names', {}, ['t']],
  ] as const)('tags %s', async (_, options, late) => {
    const { isolate, advance } = isolates()
    const cache = isolate()
    const { opened, open } = gate()
    const calls: string[] = []
    const load = (name: string) => async (context: { setTags(tags: readonly string[]): void }) => {
      calls.push(name)
      await opened
      if (late.length > 0) context.setTags(late)
      return name
    }
    const before = cache.wrap('k', load('before'), options)
    await expect.poll(() => calls.length).toBe(1)
    const alike = cache.wrap('k', load('alike'), options)
    await new Promise(setImmediate)
    advance(1_000)
    // By another isolate: nothing in this process knows of it.
    await isolate().invalidateTags(['t'])
    advance(1_000)
    const after = Array.from({ length: 3 }, (__, index) => cache.wrap('k', load(`after ${index}`), options))
    await new Promise(setImmediate)
    open()
    expect(await before).toBe('before')
    // It was there before the invalidation: either will do.
    expect(calls).toContain(await alike)
    expect(new Set(await Promise.all(after))).toEqual(new Set([calls[1]]))
    expect(calls).toHaveLength(2)
  })
})

test.each([
  ['set', (cache: Cache) => cache.set('k', 'newer'), 'newer'],
  ['delete', (cache: Cache) => cache.delete('k'), undefined],
  ['clear', (cache: Cache) => cache.clear(), undefined],
] as const)('a load that a %s overtakes is not stored, and whoever comes later does not wait for it', async (_, overtake, left) => {
  await using cache = testCache()
  const { opened, open } = gate()
  const slow = cache.wrapped('k', () => opened.then(() => 'older'))
  await expect.poll(() => cache.commands.length).toBe(1)
  await new Promise(setImmediate)
  await overtake(cache)
  expect(await cache.get('k')).toBe(left)
  expect(await cache.wrap('k', () => 'loaded later')).toBe(left ?? 'loaded later')
  open()
  expect(await slow).toEqual({ value: 'older', status: 'miss', age: 0, stored: false })
  expect(await cache.get('k')).toBe(left ?? 'loaded later')
})

test('outside an invocation the connection of the read is there for the write', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, timeout: 2_000 })
  const load = () => new Promise((resolve) => setTimeout(resolve, 50, 1))
  expect(await cache.wrapped('k', load)).toMatchObject({ stored: true })
  expect(await cache.wrapMany(['l', 'm'], async () => ({ l: await load(), m: 1 }))).toEqual([1, 1])
  // Each of them one: nothing lingers in between.
  expect(proxy.counters.connections).toBeLessThanOrEqual(2)
  await proxy.until(({ open }) => open === 0)
  expect(await cache.get('l')).toBe(1)
})

test('close() does not wait for a loader', async () => {
  await using cache = testCache()
  const invocation = cache.invocation()
  const { opened, open } = gate()
  const slow = invocation.wrapped('k', () => opened.then(() => 1))
  await expect.poll(() => cache.commands.length).toBe(1)
  await new Promise(setImmediate)
  await invocation.close()
  open()
  expect(await slow).toEqual({ value: 1, status: 'miss', age: 0, stored: false, reason: 'closed' })
})
