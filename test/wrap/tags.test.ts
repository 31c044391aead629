import { type Cache, CacheError, type Command, createCache, type Reply, type Transport } from 'fastmiss'
import { faultProxy, startRedis, testCache } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { memory } from '../../src/transport/memory/memory.ts'
import { isolates } from './support/isolates.ts'
import { counting, gate, onWire, WIRES } from './support/wires.ts'

describe.each(WIRES)('over %s', (wire) => {
  test('an invalidated tag takes its entries from every read, everywhere, and no others', async () => {
    await using given = await onWire(wire)
    const { cache } = given
    const load = counting()
    const write = async (): Promise<void> => {
      await cache.set('set', 1, { tags: ['a', 'b'] })
      await cache.setMany([
        { key: 'many', value: 2, tags: ['b'] },
        { key: 'other', value: 3, tags: ['c'] },
        { key: 'none', value: 4 },
      ])
      await cache.wrap('wrap', load.load, { tags: ['b'] })
    }
    await write()
    const keys = ['set', 'many', 'wrap', 'other', 'none']
    expect(await given.other().getMany(keys)).toEqual([1, 2, 'value 1', 3, 4])
    expect(await given.other().hasMany(keys)).toEqual([true, true, true, true, true])
    expect(await cache.invalidateTags(['b'])).toBe(true)
    for (const one of [cache, given.other(), given.other().invocation()]) {
      expect(await one.getMany(keys)).toEqual([undefined, undefined, undefined, 3, 4])
      expect(await one.hasMany(keys)).toEqual([false, false, false, true, true])
      expect(await one.get('set')).toBeUndefined()
      expect(await one.has('many')).toBe(false)
      expect(await one.lookup('wrap')).toEqual({ status: 'miss' })
      if ('close' in one) await one.close()
    }
    await write()
    expect(await cache.getMany(keys)).toEqual([1, 2, 'value 2', 3, 4])
    expect(load.calls).toBe(2)
  })

  test('tags that the loader names are stored with the value', async () => {
    await using given = await onWire(wire)
    expect(await given.cache.wrapped('k', ({ setTags }) => setTags(['late']), { negativeTtl: 60_000 })).toMatchObject({ stored: true })
    expect(await given.other().lookup('k')).toMatchObject({ status: 'hit' })
    await given.other().invalidateTags(['late'])
    expect(await given.cache.lookup('k')).toEqual({ status: 'miss' })
  })
})

test('an entry without tags costs one command; with tags a get costs one more round trip, a wrap that names them none', async () => {
  await using cache = testCache()
  await cache.set('plain', 1)
  await cache.set('tagged', 1, { tags: ['a'] })
  const cost = async (work: () => Promise<unknown>): Promise<readonly [number, number]> => {
    const { requests, commands } = cache.counters
    await work()
    return [cache.counters.requests - requests, cache.counters.commands - commands]
  }
  expect(await cost(() => cache.get('plain'))).toEqual([1, 1])
  expect(await cost(() => cache.get('tagged'))).toEqual([2, 2])
  expect(await cost(() => cache.wrap('tagged', () => 1, { tags: ['a'] }))).toEqual([1, 2])
  expect(await cost(() => cache.getMany(['tagged', 'tagged', 'plain']))).toEqual([2, 4])
  await using invocation = cache.invocation()
  expect(await cost(() => invocation.get('tagged'))).toEqual([2, 2])
  expect(await cost(() => invocation.get('tagged'))).toEqual([1, 1])
  expect(await cost(() => invocation.wrap('tagged', () => 1, { tags: ['a'] }))).toEqual([1, 1])
  expect(await cost(() => cache.invalidateTags(['a', 'b', 'a']))).toEqual([1, 2])
})

test('a load with tags costs no round trip more where their versions are known', async () => {
  await using cache = testCache()
  await cache.wrap('a', () => 1, { tags: ['t'] })
  const before = cache.counters.requests
  await cache.wrap('b', () => 1, { tags: ['t'] })
  expect(cache.counters.requests - before).toBe(2)
})

test('no command names two keys, so that a cluster takes them all', async () => {
  await using cache = testCache()
  await cache.set('k', 1, { tags: ['a', 'b'] })
  await cache.wrap('k', () => 1, { tags: ['a', 'b'], lease: true })
  await cache.wrap('x', () => 1, { tags: ['a', 'b'], lease: true })
  await cache.getMany(['k', 'x'])
  await cache.invalidateTags(['a', 'b'])
  expect(new Set(cache.commands.map(([name]) => name))).toEqual(new Set(['SET', 'GET', 'DEL']))
  expect(cache.commands.every(([name, , second]) => name === 'SET' || second === undefined)).toBe(true)
})

test('an invalidation while the loader runs wins', async () => {
  await using cache = testCache()
  const { opened, open } = gate()
  const slow = cache.wrapped('k', () => opened.then(() => 'old'), { tags: ['t'] })
  await expect.poll(() => cache.commands.some(([name, , , flag]) => name === 'SET' && flag === 'NX')).toBe(true)
  await cache.invalidateTags(['t'])
  open()
  expect(await slow).toMatchObject({ value: 'old', status: 'miss' })
  expect(await cache.lookup('k')).toEqual({ status: 'miss' })
  expect(await cache.wrap('k', () => 'new', { tags: ['t'] })).toBe('new')
})

test('isolates whose clocks differ by hours agree on what is invalid', async () => {
  const { isolate, advance } = isolates()
  const hour = 3_600_000
  const ahead = isolate({ ttl: 86_400_000 }, { skew: hour })
  const behind = isolate({ ttl: 86_400_000 }, { skew: -hour })
  for (const [writer, reader] of [[ahead, behind] as const, [behind, ahead] as const]) {
    expect(await writer.set('k', 1, { tags: ['t'] })).toBe(true)
    expect(await reader.get('k')).toBe(1)
    advance(1)
    expect(await reader.invalidateTags(['t'])).toBe(true)
    expect(await writer.get('k')).toBeUndefined()
    expect(await reader.get('k')).toBeUndefined()
    await reader.set('k', 2, { tags: ['t'] })
    expect(await writer.get('k')).toBe(2)
  }
})

test('an entry with tags ends with their versions, after thirty days', async () => {
  const { isolate, advance } = isolates()
  const cache = isolate()
  await cache.set('k', 1, { tags: ['t'] })
  advance(30 * 86_400_000 - 1)
  expect(await cache.get('k')).toBe(1)
  advance(1)
  expect(await cache.lookup('k')).toEqual({ status: 'miss' })
})

test('a version that was evicted makes its entries invalid', async () => {
  await using given = await onWire('tcp')
  await given.cache.set('k', 1, { tags: ['t'] })
  await given.raw('DEL', 'app:!fm:tag:t')
  expect(await given.cache.lookup('k')).toEqual({ status: 'miss' })
  expect(await given.raw('EXISTS', 'app::k')).toBe(1)
  await given.cache.set('other', 1, { tags: ['t'] })
  expect(await given.cache.lookup('k')).toEqual({ status: 'miss' })
})

test('where the versions cannot be had an entry is degraded, never a hit, and wrap loads', async () => {
  const store = memory()
  const cache = createCache({ transport: refusing(store, (command) => command[0] === 'GET' && command[1]?.includes('tag:') === true) })
  await createCache({ transport: store }).set('k', 1, { tags: ['t'] })
  await cache.set('plain', 1)
  expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'reply' })
  expect(await cache.getMany(['k', 'plain'])).toEqual([undefined, 1])
  expect(await cache.wrapped('k', () => 2)).toEqual({ value: 2, status: 'degraded', age: 0, stored: false, reason: 'reply' })
  expect(await cache.wrapped('k', () => 2, { tags: ['t'] })).toMatchObject({ value: 2, status: 'degraded', stored: false })
  expect(await cache.wrapped('new', () => 2, { tags: ['t'] })).toEqual({ value: 2, status: 'miss', age: 0, stored: false, reason: 'reply' })
  expect(await cache.wrapped('plain', () => 2, { tags: ['t'] })).toMatchObject({ value: 1, status: 'hit' })
})

test('a read with tags stays within its timeout as a whole', async () => {
  await using given = await onWire('tcp')
  await given.cache.set('k', 1, { tags: ['t'] })
  await using proxy = await faultProxy({ target: given.url })
  await proxy.set('slow', { delay: 150 })
  const cache = createCache({ url: proxy.url, namespace: 'app', timeout: 250 })
  const startedAt = performance.now()
  expect(await cache.lookup('k')).toMatchObject({ status: 'degraded', reason: 'timeout' })
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})

test('tags that the loader names count, and so does an invalidation that races them', async () => {
  await using cache = testCache()
  const load = (value: string) => (context: { setTags(tags: readonly string[]): void }) => {
    context.setTags([`of ${value}`])
    return value
  }
  expect(await cache.wrapped('k', load('a'))).toMatchObject({ value: 'a', stored: true })
  expect(await cache.get('k')).toBe('a')
  await cache.invalidateTags(['of a'])
  expect(await cache.get('k')).toBeUndefined()

  const { opened, open } = gate()
  const racing = cache.wrapped('r', async ({ setTags }) => {
    await opened
    setTags(['raced'])
    return 'old'
  })
  await expect.poll(() => cache.commands.at(-1)?.[1]).toBe('r')
  cache.clock.advance(500)
  await cache.invalidateTags(['raced'])
  cache.clock.advance(500)
  open()
  expect(await racing).toEqual({ value: 'old', status: 'miss', age: 0, stored: false })
  expect(await cache.lookup('r')).toEqual({ status: 'miss' })
  // The invalidation is older than this load.
  cache.clock.advance(1_000)
  expect(await cache.wrapped('r', load('raced'))).toMatchObject({ stored: true })
})

test('an invocation sees its own invalidation, and others that began before it keep what they have seen', async () => {
  await using cache = testCache()
  await cache.set('k', 1, { tags: ['t'] })
  await using earlier = cache.invocation()
  await using own = cache.invocation()
  expect(await earlier.get('k')).toBe(1)
  expect(await own.get('k')).toBe(1)
  expect(await own.invalidateTags(['t'])).toBe(true)
  expect(await own.get('k')).toBeUndefined()
  expect(await earlier.get('k')).toBe(1)
  await using later = cache.invocation()
  expect(await later.get('k')).toBeUndefined()
})

test('a read that its own invocation overtakes with an invalidation leaves nothing behind', async () => {
  const store = memory()
  const { opened, open } = gate()
  const cache = createCache({
    transport: answering(store, async (command, reply) => {
      if (command[0] === 'GET' && command[1]?.includes('tag:') === true) await opened
      return reply
    }),
  })
  await createCache({ transport: store }).set('k', 1, { tags: ['t'] })
  await using invocation = cache.invocation()
  const overtaken = invocation.get('k')
  await new Promise(setImmediate)
  expect(await invocation.invalidateTags(['t'])).toBe(true)
  open()
  await overtaken
  expect(await invocation.get('k')).toBeUndefined()
})

test.each([
  ['set', (cache: Cache) => cache.set('k', 'newer'), 'newer'],
  ['delete', (cache: Cache) => cache.delete('k'), undefined],
] as const)('a %s that comes while the versions of late tags are asked for is not written over', async (_, overtake, left) => {
  const { opened, open } = gate()
  const asked = gate()
  const cache = createCache({
    transport: answering(memory(), async (command, reply) => {
      if (command[0] === 'PTTL') asked.open()
      if (command[0] === 'PTTL') await opened
      return reply
    }),
  })
  const late = (context: { setTags(tags: readonly string[]): void }): string => {
    context.setTags(['t'])
    return 'older'
  }
  const single = cache.wrapped('k', late)
  await asked.opened
  expect(await overtake(cache)).toBe(true)
  open()
  expect(await single).toEqual({ value: 'older', status: 'miss', age: 0, stored: false })
  expect(await cache.get('k')).toBe(left)
})

test('set says false where a version could not be had, and stores nothing', async () => {
  await using cache = testCache()
  cache.fail('reply', { only: 'writes' })
  expect(await cache.set('k', 1, { tags: ['t'] })).toBe(false)
  cache.fail('timeout')
  expect(
    await cache.setMany([
      { key: 'a', value: 1, tags: ['t'] },
      { key: 'b', value: 1 },
    ]),
  ).toEqual([false, false])
  expect(await cache.invalidateTags(['t'])).toBe(false)
  cache.fail()
  cache.clock.advance(60_000)
  expect(await cache.getMany(['k', 'a', 'b'])).toEqual([undefined, undefined, undefined])
})

/** A store that answers some commands with an error. */
function refusing(store: Transport, isRefused: (command: Command) => boolean): Transport {
  return answering(store, async (command, reply) => (isRefused(command) ? new CacheError('reply', 'refused') : reply))
}

/** A store whose answers are changed, or held back. */
function answering(store: Transport, change: (command: Command, reply: Reply) => Promise<Reply>): Transport {
  return {
    ...store,
    open() {
      const connection = store.open()
      return {
        isUsable: true,
        close: () => connection.close(),
        async send(commands, deadlineAt) {
          const replies = await connection.send(commands, deadlineAt)
          return Promise.all(replies.map((reply, index) => change(commands[index] ?? [], reply)))
        },
      }
    },
  }
}

test('calls of one turn ask for the version of a tag once', async () => {
  await using cache = testCache()
  await cache.wrapMany(['a', 'b', 'c'], () => ({ a: 1, b: 1, c: 1 }), { tags: ['t'] })
  const before = cache.commands.length
  expect(await Promise.all(['a', 'b', 'c'].map((key) => cache.wrap(key, () => 2, { tags: ['t'] })))).toEqual([1, 1, 1])
  expect(await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)))).toEqual([1, 1, 1])
  const names = cache.commands.slice(before).map(([, key]) => key)
  expect(names.filter((key) => key?.includes('tag') === true)).toHaveLength(2)
  expect(names).toHaveLength(8)
})

describe('a tag whose stored name is longer than limits.keyBytes is an outcome, as such a key is', () => {
  const given = () => testCache({ namespace: 'app', limits: { keyBytes: 60 } })
  const long = 't'.repeat(60)

  test('what names it is not written, and everything beside it is', async () => {
    await using cache = given()
    expect(await cache.set('k', 1, { tags: ['t', long] })).toBe(false)
    const entries = [
      { key: 'k', value: 1, tags: [long] },
      { key: 'l', value: 1, tags: ['t'] },
      { key: 'm', value: 1 },
    ]
    expect(await cache.setMany(entries)).toEqual([false, true, true])
    expect(await cache.getMany(['k', 'l', 'm'])).toEqual([undefined, 1, 1])
    expect(cache.events.filter(({ type }) => type === 'degraded')).toMatchObject([{ reason: 'oversize' }, { reason: 'oversize', count: 1 }])
  })

  test('an invalidation that names it is not confirmed, though the others are made', async () => {
    await using cache = given()
    await cache.set('k', 1, { tags: ['t'] })
    expect(await cache.invalidateTags([long, 't'])).toBe(false)
    expect(await cache.get('k')).toBeUndefined()
  })

  test('what is loaded is returned and not stored', async () => {
    await using cache = given()
    const unstored = { value: 1, status: 'miss', stored: false, reason: 'oversize' }
    expect(await cache.wrapped('k', () => 1, { tags: [long] })).toMatchObject(unstored)
    const load = ({ setTags }: { setTags(tags: readonly string[]): void }): number => {
      setTags([long])
      return 1
    }
    expect(await cache.wrapped('k', load)).toMatchObject(unstored)
    expect(await cache.wrapMany(['k', 'l'], () => ({ k: 1, l: 1 }), { tags: (key) => [key === 'k' ? long : 't'] })).toEqual([1, 1])
    expect(await cache.getMany(['k', 'l'])).toEqual([undefined, 1])
    // An entry that was stored without it is there for who names it.
    expect(await cache.wrapped('l', () => 2, { tags: [long] })).toMatchObject({ value: 1, status: 'hit' })
    expect(cache.commands.flat().filter((part) => part.includes(long))).toEqual([])
  })
})

test('before the loader Redis keeps a call waiting for its timeout at most: the versions of tags and a lease have what the read has left', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const caches = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const cache = createCache({ url: proxy.url, timeout: 1_500, connection: 'reuse' })
      await expect.poll(() => cache.set('warm', 1)).toBe(true)
      return cache
    }),
  )
  await proxy.set('slow', { delay: 1_000 })
  const startedAt = performance.now()
  const waited: number[] = []
  const load = () => void waited.push(performance.now() - startedAt)
  const options = { ttl: 60_000, negativeTtl: 60_000 }
  const [tagged, , leased] = await Promise.all([
    caches[0]?.wrapped('one', load, { ...options, tags: ['new'] }),
    caches[1]?.wrapMany(['some'], (keys) => new Map(keys.map((key) => [key, load()])), { ...options, tags: ['newer'] }),
    caches[2]?.wrapped('another', load, { ...options, lease: true }),
  ])
  // Both round trips took 2,000 ms; a busy machine may add to the 1,500.
  expect(Math.max(...waited)).toBeLessThan(1_990)
  expect(waited).toHaveLength(3)
  expect(tagged).toMatchObject({ status: 'miss', stored: false, reason: 'timeout' })
  expect(leased).toMatchObject({ status: 'miss' })
  await proxy.set('healthy')
  await Promise.all(caches.map((cache) => cache.close()))
})
