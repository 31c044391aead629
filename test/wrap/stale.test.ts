import { testCache } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { isolates } from './support/isolates.ts'
import { background, counting, gate, onWire, WIRES } from './support/wires.ts'

const DOWN = (): Promise<never> => Promise.reject(new Error('down'))

describe.each(WIRES)('over %s', (wire) => {
  test('within swr the stale value comes at once, and a refresh behind waitUntil replaces it', async () => {
    await using given = await onWire(wire)
    const loader = counting()
    const { waitUntil, settled, kept } = background()
    const options = { ttl: 30, swr: 60_000 }
    await given.cache.wrap('k', loader.load, options)
    await new Promise((resolve) => setTimeout(resolve, 40))
    const invocation = given.cache.invocation({ waitUntil })
    const { opened, open } = gate()
    const stale = await invocation.wrapped('k', () => opened.then(loader.load), { ...options, ttl: 60_000 })
    expect(stale).toMatchObject({ value: 'value 1', status: 'stale', stored: true })
    await invocation.close()
    open()
    await settled()
    expect(kept).toHaveLength(2)
    expect(await given.other().wrapped('k', loader.load, options)).toMatchObject({ value: 'value 2', status: 'hit' })
    expect(loader.calls).toBe(2)
  })
})

test('what is past its time to live is stale for lookup, and not there for get, getMany and has', async () => {
  await using cache = testCache()
  await cache.wrap('k', () => 1, { ttl: 1_000, swr: 1_000 })
  expect(await cache.lookup('k')).toEqual({ status: 'hit', value: 1, age: 0, ttl: 1_000, from: 'redis' })
  cache.clock.advance(1_500)
  expect(await cache.lookup('k')).toEqual({ status: 'stale', value: 1, age: 1_500, ttl: -500, from: 'redis' })
  expect([await cache.get('k'), await cache.getMany(['k']), await cache.has('k')]).toEqual([undefined, [undefined], false])
  expect(cache.events.at(-1)).toMatchObject({ type: 'stale', operation: 'has' })
  cache.clock.advance(500)
  expect(await cache.lookup('k')).toEqual({ status: 'miss' })
})

test('who did not ask for swr is not served a stale value', async () => {
  await using cache = testCache()
  await cache.wrap('k', () => 1, { ttl: 1_000, swr: 10_000 })
  cache.clock.advance(1_500)
  expect(await cache.wrapped('k', () => 3)).toMatchObject({ value: 3, status: 'miss' })
})

test('without waitUntil the refresh is waited for, and a loader that fails leaves the stale value', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, swr: 60_000 }
  await cache.wrap('k', () => 1, options)
  cache.clock.advance(1_500)
  expect(await cache.wrapped('k', DOWN, options)).toEqual({ value: 1, status: 'stale', age: 1_500, stored: true, from: 'redis', reason: 'loader' })
  // The failed refresh keeps its lease for a while: the loader is not asked by each request.
  expect(await cache.wrapped('k', () => 2, options)).toEqual({ value: 1, status: 'stale', age: 1_500, stored: true, from: 'redis' })
  cache.clock.advance(10_000)
  expect(await cache.wrapped('k', () => 2, options)).toEqual({ value: 2, status: 'miss', age: 0, stored: true })
})

test('a refresh is under way once, in one isolate and in several', async () => {
  const { isolate, advance } = isolates()
  const caches = [isolate(), isolate(), isolate({}, { sharesLoads: false, sharesRoot: 'turn' })]
  const { waitUntil, settled } = background()
  const options = { ttl: 1_000, swr: 60_000, waitUntil }
  await caches[0]?.wrap('k', () => 0, options)
  advance(1_500)
  const { opened, open } = gate()
  let calls = 0
  const load = async (): Promise<number> => {
    calls += 1
    await opened
    return calls
  }
  for (let round = 0; round < 3; round += 1) {
    const answers = await Promise.all(caches.flatMap((cache) => [cache.wrapped('k', load, options), cache.wrapped('k', load, options)]))
    expect(answers.every(({ value, status }) => value === 0 && status === 'stale')).toBe(true)
  }
  await new Promise(setImmediate)
  open()
  await settled()
  expect(calls).toBe(1)
  expect(await caches[1]?.wrapped('k', load)).toMatchObject({ value: 1, status: 'hit' })
})

test('the lease ends with the refresh, so that a short time to live is not outlived by it', async () => {
  await using cache = testCache()
  const { waitUntil, settled } = background()
  const options = { ttl: 1_000, swr: 60_000, waitUntil }
  const loader = counting()
  for (let round = 1; round <= 5; round += 1) {
    await cache.wrap('k', loader.load, options)
    await settled()
    cache.clock.advance(1_200)
  }
  expect(loader.calls).toBe(5)
})

test('a fresh hit costs nothing for all that', async () => {
  await using cache = testCache()
  const { waitUntil, kept } = background()
  await cache.wrap('k', () => 1, { ttl: 1_000, swr: 1_000 })
  const before = cache.commands.length
  await cache.wrap('k', () => 2, { ttl: 1_000, swr: 1_000, staleIfError: 5, lease: true, waitUntil })
  expect(cache.commands.slice(before).map(([name]) => name)).toEqual(['GET'])
  expect(kept).toHaveLength(0)
})

test('a refresh outlives its request: an aborted, closed invocation with a deadline that has passed', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, swr: 60_000 }
  await cache.wrap('k', () => 1, options)
  cache.clock.advance(1_500)
  const { waitUntil, settled } = background()
  const controller = new AbortController()
  const { opened, open } = gate()
  const invocation = cache.invocation({ waitUntil, signal: controller.signal, deadline: cache.clock.now() + 100 })
  const signals: AbortSignal[] = []
  const load = async ({ signal }: { signal: AbortSignal }): Promise<number> => {
    signals.push(signal)
    await opened
    return 2
  }
  expect(await invocation.wrap('k', load, options)).toBe(1)
  controller.abort()
  await invocation.close()
  cache.clock.advance(200)
  open()
  await settled()
  expect(signals[0]?.aborted).toBe(false)
  expect(await cache.wrapped('k', DOWN)).toMatchObject({ value: 2, status: 'hit' })
})

test('a refresh in the background is given up at loaderTimeout.hard, and tells so', async () => {
  await using cache = testCache()
  const { waitUntil, settled } = background()
  const options = { ttl: 1_000, swr: 60_000, loaderTimeout: 30, waitUntil }
  await cache.wrap('k', () => 1, options)
  cache.clock.advance(1_500)
  expect(await cache.wrap('k', () => new Promise<number>(() => {}), options)).toBe(1)
  await settled()
  expect(cache.events.at(-1)).toMatchObject({ type: 'load-failed', error: { name: 'TimeoutError' } })
  // Nothing is wedged: once the lease has run out the next one refreshes.
  cache.clock.advance(100)
  await cache.wrap('k', () => 2, options)
  await settled()
  expect(await cache.wrap('k', DOWN, options)).toBe(2)
})

test('staleIfError serves the stale value where the loader fails, and only then', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, staleIfError: 10_000 }
  await cache.wrap('k', () => 1, options)
  cache.clock.advance(1_500)
  expect(await cache.wrapped('k', DOWN, options)).toEqual({ value: 1, status: 'stale', age: 1_500, stored: true, from: 'redis', reason: 'loader' })
  await expect(cache.wrap('k', DOWN)).rejects.toThrow('down')
  expect(await cache.wrapped('k', () => 2, options)).toMatchObject({ value: 2, status: 'miss' })
  cache.clock.advance(11_000)
  await expect(cache.wrap('k', DOWN, options)).rejects.toThrow('down')
})

test('an invalidated value is not served, whatever fails', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, swr: 5_000, staleIfError: 10_000, tags: ['t'] }
  await cache.wrap('k', () => 1, options)
  cache.clock.advance(1_500)
  await cache.invalidateTags(['t'])
  await expect(cache.wrap('k', DOWN, options)).rejects.toThrow('down')
})

test('a hard timeout rejects with a TimeoutError, fires the signal, or serves what staleIfError allows', async () => {
  await using cache = testCache()
  const signals: AbortSignal[] = []
  const hanging = ({ signal }: { signal: AbortSignal }): Promise<number> => {
    signals.push(signal)
    return new Promise(() => {})
  }
  await expect(cache.wrap('k', hanging, { loaderTimeout: 20 })).rejects.toMatchObject({
    name: 'TimeoutError',
    message: expect.stringContaining('20 ms'),
  })
  expect(signals[0]?.aborted).toBe(true)
  expect(signals[0]?.reason).toMatchObject({ name: 'TimeoutError' })
  const options = { ttl: 1_000, staleIfError: 60_000, loaderTimeout: { hard: 20 } }
  await cache.wrap('k', () => 1, options)
  cache.clock.advance(1_500)
  expect(await cache.wrapped('k', hanging, options)).toMatchObject({ value: 1, status: 'stale', reason: 'loader' })
})

test('what a loader gives or throws after its hard timeout is dropped', async () => {
  await using cache = testCache()
  for (const late of [
    (): number => 1,
    (): number => {
      throw new Error('late')
    },
  ]) {
    const { opened, open } = gate()
    await expect(cache.wrap('k', () => opened.then(late), { loaderTimeout: 20 })).rejects.toThrow('longer than 20 ms')
    open()
    await new Promise(setImmediate)
    expect(await cache.has('k')).toBe(false)
  }
})

test('after a soft timeout the stale value is served, and the loader goes on in the background', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, staleIfError: 60_000, loaderTimeout: { soft: 20 } }
  await cache.wrap('k', () => 1, options)
  cache.clock.advance(1_500)
  const { waitUntil, settled, kept } = background()
  const controller = new AbortController()
  const invocation = cache.invocation({ waitUntil, signal: controller.signal })
  const { opened, open } = gate()
  const signals: AbortSignal[] = []
  const loading = async ({ signal }: { signal: AbortSignal }): Promise<number> => {
    signals.push(signal)
    await opened
    return 2
  }
  expect(await invocation.wrapped('k', loading, options)).toEqual({
    value: 1,
    status: 'stale',
    age: 1_500,
    stored: true,
    from: 'redis',
    reason: 'loader',
  })
  expect(kept).toHaveLength(1)
  controller.abort()
  await invocation.close()
  open()
  await settled()
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  expect(await cache.wrapped('k', DOWN)).toMatchObject({ value: 2, status: 'hit' })

  // A loader that is quick enough is waited for; without waitUntil any is.
  cache.clock.advance(1_500)
  expect(await cache.wrap('k', () => 3, { ...options, waitUntil })).toBe(3)
  cache.clock.advance(1_500)
  const slow = (): Promise<number> => new Promise((resolve) => setTimeout(resolve, 60, 4))
  expect(await cache.wrap('k', slow, options)).toBe(4)
})

test('a refresh of a value that is no more deletes it', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, swr: 60_000 }
  await cache.wrap('k', (): unknown => 1, options)
  cache.clock.advance(1_500)
  expect(await cache.wrap('k', (): unknown => undefined, options)).toBeUndefined()
  expect(await cache.lookup('k')).toEqual({ status: 'miss' })
})

test('beta refreshes a fresh value early, the earlier the longer it took to load', async () => {
  const due = async (took: number, left: number, random: number): Promise<boolean> => {
    const { isolate, advance } = isolates()
    const cache = isolate({}, { random: () => random })
    const options = { ttl: 10_000, beta: 1 }
    await cache.wrap('k', () => (advance(took), 1), options)
    advance(10_000 - left)
    const { value, status } = await cache.wrapped('k', () => 2, options)
    expect([
      [1, 'hit'],
      [2, 'miss'],
    ]).toContainEqual([value, status])
    return value === 2
  }
  // -ln(1 - 0.9) is 2.3: within 2.3 times of what it took.
  expect(await due(1_000, 2_000, 0.9)).toBe(true)
  expect(await due(1_000, 3_000, 0.9)).toBe(false)
  expect(await due(100, 2_000, 0.9)).toBe(false)
  expect(await due(1_000, 2_000, 0.1)).toBe(false)
})

test('an early refresh serves the fresh value meanwhile, and one isolate does it', async () => {
  const { isolate, advance } = isolates()
  const caches = [isolate({}, { random: () => 0.99 }), isolate({}, { random: () => 0.99 })]
  const { waitUntil, settled } = background()
  const options = { ttl: 10_000, beta: 1, waitUntil }
  await caches[0]?.wrap('k', () => (advance(1_000), 1), options)
  advance(9_000)
  const loader = counting()
  const { opened, open } = gate()
  const load = () => opened.then(loader.load)
  const answers = await Promise.all(caches.map((cache) => cache.wrapped('k', load, options)))
  expect(answers).toMatchObject([
    { value: 1, status: 'hit' },
    { value: 1, status: 'hit' },
  ])
  await new Promise(setImmediate)
  open()
  await settled()
  expect(loader.calls).toBe(1)
  expect(await caches[1]?.wrap('k', () => 'none')).toBe('value 1')
})

test('where Redis takes no writes a refresh in the background is not begun; one that is waited for goes on without a lease', async () => {
  await using cache = testCache()
  const options = { ttl: 1_000, swr: 60_000 }
  await cache.wrapMany(['k', 'l'], () => ({ k: 1, l: 1 }), options)
  cache.clock.advance(1_500)
  cache.fail('reply', { only: 'writes' })
  const { waitUntil, settled } = background()
  const loader = counting()
  expect(await cache.wrap('k', loader.load, { ...options, waitUntil })).toBe(1)
  expect(await cache.wrapMany(['l'], () => ({ l: loader.load() }), { ...options, waitUntil })).toEqual([1])
  await settled()
  expect(loader.calls).toBe(0)
  expect(await cache.wrapped('k', loader.load, options)).toEqual({ value: 'value 1', status: 'miss', age: 0, stored: false, reason: 'reply' })
})

test('a waitUntil that throws, as one that was taken off its context does, fails nobody: the stale value is served', async () => {
  const waitUntil = (): never => {
    throw new TypeError('Illegal invocation')
  }
  const slow = { ttl: 1_000, staleIfError: 60_000, loaderTimeout: { soft: 1 }, waitUntil }
  const { opened, open } = gate()
  await using cache = testCache()
  await cache.wrap('refreshed', () => 'old', { ttl: 1_000, swr: 60_000 })
  await cache.wrap('slow', () => 'old', slow)
  await cache.wrapMany(['many'], () => ({ many: 'old' }), { ttl: 1_000, swr: 60_000 })
  cache.clock.advance(1_000)
  expect(await cache.wrap('refreshed', () => 'new', { ttl: 60_000, swr: 60_000, waitUntil })).toBe('old')
  expect(await cache.wrap('slow', () => opened.then(() => 'new'), { ...slow, ttl: 60_000 })).toBe('old')
  expect(await cache.wrapMany(['many'], () => ({ many: 'new' }), { ttl: 60_000, swr: 60_000, waitUntil })).toEqual(['old'])
  // The work goes on as far as it is let.
  open()
  await expect.poll(() => cache.getMany(['refreshed', 'slow', 'many'])).toEqual(['new', 'new', 'new'])
})
