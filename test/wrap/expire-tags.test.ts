import { createCache } from 'fastmiss'
import { startRedis, testCache } from 'fastmiss/testing'
import { describe, expect, test, vi } from 'vitest'
import { startWires, WIRES } from '../facade/support/every-wire.ts'
import { background, counting, gate } from './support/wires.ts'

const open = startWires()
const down = (): never => {
  throw new Error('the source is down')
}

describe.each(WIRES)('expireTags over %s', (wire) => {
  test('entries are stale instead of gone: swr serves and refreshes them, staleIfError serves them where the loader fails', async () => {
    const cache = open(wire)
    const load = counting()
    const options = { ttl: 60_000, swr: 60_000, staleIfError: 60_000, tags: ['t', 'u'] }
    await cache.wrap('swr', load.load, options)
    await cache.wrap('sie', () => 'kept', { ttl: 60_000, staleIfError: 60_000, tags: ['t'] })
    await cache.set('set', 1, { tags: ['t'] })
    await cache.set('other', 1, { tags: ['other'] })
    expect(await cache.expireTags(['t'])).toBe(true)
    expect(await cache.getMany(['swr', 'sie', 'set', 'other'])).toEqual([undefined, undefined, undefined, 1])
    expect(await cache.lookup('set')).toMatchObject({ status: 'stale', value: 1 })
    expect(await cache.wrapped('sie', down, { ttl: 60_000, staleIfError: 60_000, tags: ['t'] })).toMatchObject({
      value: 'kept',
      status: 'stale',
      reason: 'loader',
    })

    const later = background()
    expect(await cache.wrapped('swr', load.load, { ...options, waitUntil: later.waitUntil })).toMatchObject({ value: 'value 1', status: 'stale' })
    await later.settled()
    expect(await cache.wrapped('swr', load.load, options)).toMatchObject({ value: 'value 2', status: 'hit' })
    expect(load.calls).toBe(2)
  })

  test('what is invalidated is gone, before and after an expiry and at the same time', async () => {
    const cache = open(wire)
    const write = (): Promise<unknown> => cache.wrap('k', () => 1, { ttl: 60_000, swr: 60_000, tags: ['t'] })
    for (const steps of [
      [() => cache.expireTags(['t']), () => cache.invalidateTags(['t'])],
      [() => cache.invalidateTags(['t']), () => cache.expireTags(['t'])],
    ]) {
      await write()
      for (const step of steps) expect(await step()).toBe(true)
      expect(await cache.lookup('k')).toEqual({ status: 'miss' })
      await cache.delete('k')
    }
    await write()
    expect(await Promise.all([cache.expireTags(['t']), cache.invalidateTags(['t']), cache.expireTags(['t'])])).toEqual([true, true, true])
    expect(await cache.lookup('k')).toEqual({ status: 'miss' })
  })

  test('with `staleFor` they are gone after that, whatever their windows say, and what is written later is not', async () => {
    const cache = open(wire)
    const options = { ttl: 60_000, swr: 60_000, tags: ['t'] }
    await cache.wrap('k', () => 'old', options)
    expect(await cache.expireTags(['t'], { staleFor: 60_000 })).toBe(true)
    expect(await cache.lookup('k')).toMatchObject({ status: 'stale', value: 'old' })
    expect(await cache.expireTags(['t'], { staleFor: 1 })).toBe(true)
    await expect.poll(() => cache.lookup('k')).toEqual({ status: 'miss' })
    await cache.wrap('k', () => 'new', options)
    expect(await cache.get('k')).toBe('new')
    // It is no longer than before: nothing of it may be left behind.
    expect(await cache.expireTags(['t'])).toBe(true)
    expect(await cache.lookup('k')).toMatchObject({ status: 'stale', value: 'new' })
    await expect(cache.expireTags(['t'], { staleFor: 0 })).rejects.toThrow('staleFor: expected')
  })

  test('an entry that is written after an expiry is fresh, until the next', async () => {
    const cache = open(wire)
    expect(await cache.expireTags(['never used'])).toBe(true)
    for (let round = 0; round < 3; round += 1) {
      await cache.set('k', round, { tags: ['never used'] })
      expect(await cache.get('k')).toBe(round)
      await cache.expireTags(['never used'])
      expect(await cache.lookup('k')).toMatchObject({ status: 'stale', value: round })
    }
  })

  test('a load that began before an expiry is not stored as fresh, whether it names its tags before or after', async () => {
    const cache = open(wire)
    for (const [key, options] of [
      ['early', { tags: ['t'] }],
      ['late', {}],
    ] as const) {
      const { opened, open: go } = gate()
      const started = gate()
      const loading = cache.wrap(
        key,
        async ({ setTags }) => {
          started.open()
          await opened
          if (key === 'late') setTags(['t'])
          return 'old'
        },
        { ttl: 60_000, swr: 60_000, ...options },
      )
      await started.opened
      // An expiry has to be clearly older or younger than the load: clocks are coarse.
      await new Promise((resolve) => setTimeout(resolve, 30))
      await cache.expireTags(['t'])
      go()
      expect(await loading).toBe('old')
      expect(await cache.get(key)).toBeUndefined()
    }
  })
})

test('the windows begin with the expiry, and a reader whose clock is behind does not take what was expired for fresh', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  const cache = createCache({ url: redis.url })
  await cache.wrap('k', () => 1, { ttl: 3_600_000, staleIfError: 60_000, tags: ['t'] })
  await cache.expireTags(['t'])
  const now = Date.now()
  try {
    vi.spyOn(Date, 'now').mockReturnValue(now - 3_600_000)
    expect((await cache.lookup('k')).status).toBe('stale')
    vi.spyOn(Date, 'now').mockReturnValue(now + 59_000)
    expect(await cache.wrap('k', down, { ttl: 60_000, staleIfError: 60_000, tags: ['t'] })).toBe(1)
    vi.spyOn(Date, 'now').mockReturnValue(now + 61_000)
    await expect(cache.wrap('k', down, { ttl: 60_000, staleIfError: 60_000, tags: ['t'] })).rejects.toThrow('the source is down')
  } finally {
    vi.restoreAllMocks()
  }
})

test('copies in this process are stale too, in an outage as well', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  for (const share of [false, true]) {
    const cache = createCache({ url: redis.url, memory: { share }, timeout: 200, cooldown: 0, maxCooldown: 0 })
    const options = { ttl: 60_000, staleIfError: 60_000, tags: ['t'] }
    await cache.wrap('a', () => 'kept', options)
    expect(await cache.lookup('a')).toMatchObject({ status: 'hit', from: 'memory' })
    await cache.expireTags(['t'])
    expect(await cache.lookup('a')).toMatchObject({ status: 'stale', value: 'kept', from: 'redis' })
    expect(await cache.get('a')).toBeUndefined()
    if (!share) continue
    await redis.stop()
    for (let round = 0; round < 2; round += 1) {
      expect(await cache.get('a')).toBeUndefined()
      expect(await cache.getMany(['a'])).toEqual([undefined])
      expect(await cache.wrapped('a', down, options)).toMatchObject({ value: 'kept', status: 'stale', from: 'memory' })
    }
    expect(await cache.expireTags(['t'])).toBe(false)
  }
})

test('an invocation that has seen the versions sees its own expiry, and a version does not grow', async () => {
  const cache = testCache()
  await using invocation = cache.invocation()
  await invocation.set('k', 1, { tags: ['t'] })
  expect(await invocation.get('k')).toBe(1)
  for (let round = 0; round < 5; round += 1) await invocation.expireTags(['t'])
  expect(await invocation.lookup('k')).toMatchObject({ status: 'stale', value: 1 })
  expect(await invocation.getMany(['k'])).toEqual([undefined])
  const { commands, requests } = cache.counters
  await invocation.expireTags(['t', 'u'])
  expect([cache.counters.requests - requests, cache.counters.commands - commands]).toEqual([1, 6])
})
