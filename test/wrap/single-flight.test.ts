import { testCache } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
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

test('an invocation that was aborted or closed still gets the value of its loader', async () => {
  await using cache = testCache()
  await using aborted = cache.invocation({ signal: AbortSignal.abort() })
  expect(await aborted.wrapped('k', ({ signal }) => signal.aborted)).toMatchObject({ value: true, status: 'degraded', reason: 'aborted' })
  const closed = cache.invocation()
  await closed.close()
  expect(await closed.wrapped('k', () => 1)).toMatchObject({ value: 1, status: 'degraded', reason: 'closed' })
})
