import { createCache } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createKeys, type Keys } from '../../src/entry/keys.ts'
import { namespaceProblem } from '../../src/options/namespace.ts'
import { startWires, WIRES } from './support/every-wire.ts'

const open = startWires()

describe.each(WIRES)('namespaces over %s', (wire) => {
  test('a nested namespace has entries and tags of its own, and clear of one leaves the others alone', async () => {
    const outer = open(wire)
    const inner = outer.namespace('inner')
    const innermost = inner.namespace('inner')
    const views = [outer, inner, innermost]
    for (const [index, view] of views.entries()) expect(await view.set('k', index, { tags: ['t'] })).toBe(true)
    expect(await Promise.all(views.map((view) => view.get('k')))).toEqual([0, 1, 2])
    await inner.invalidateTags(['t'])
    expect(await Promise.all(views.map((view) => view.get('k')))).toEqual([0, undefined, 2])
    await inner.set('k', 1, { tags: ['t'] })
    expect(await outer.clear({ timeout: 5_000 })).toBe(true)
    expect(await Promise.all(views.map((view) => view.get('k')))).toEqual([undefined, 1, 2])
    await outer.set('k', 0)
    expect(await inner.clear({ timeout: 5_000 })).toBe(true)
    expect(await Promise.all(views.map((view) => view.get('k')))).toEqual([0, undefined, 2])
    expect(await innermost.wrap('w', () => 'loaded', { ttl: 60_000, tags: ['t'], swr: 60_000 })).toBe('loaded')
    expect(await innermost.get('w')).toBe('loaded')
    expect(await outer.get('w')).toBeUndefined()
  })
})

/** Every way to a namespace: one of createCache, or none, and names within. */
const path = fc.tuple(
  fc.option(fc.string({ unit: fc.constantFrom('a', 'b', ':', '!', 'fm', 'ns'), minLength: 1, maxLength: 6 }), { nil: undefined }),
  fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ':', 'ns', 'tag'), minLength: 1, maxLength: 4 }), { maxLength: 3 }),
)
const key = fc.string({ unit: fc.constantFrom('a', 'b', ':', '::', ':!fm:', 'ns:', 'tag:'), maxLength: 6 })

function keysOf([namespace, names]: readonly [string | undefined, readonly string[]]): Keys | undefined {
  if ([...(namespace === undefined ? [] : [namespace]), ...names].some((name) => namespaceProblem(name) !== undefined)) return undefined
  let keys = createKeys(namespace)
  for (const name of names) keys = keys.within(name)
  return keys
}

/** @returns undefined where the key is refused */
function stored(keys: Keys, one: string): string | undefined {
  try {
    return keys.public(one)
  } catch {
    return undefined
  }
}

test('no two namespaces store one key, and neither clears or lists what is the other one’s', () => {
  fc.assert(
    fc.property(path, path, key, key, (one, two, keyOfOne, keyOfTwo) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(two))
      const [first, second] = [keysOf(one), keysOf(two)]
      fc.pre(first !== undefined && second !== undefined)
      const [a, b] = [stored(first, keyOfOne), stored(second, keyOfTwo)]
      // Without a namespace a key that holds '::' may be another one's: such keys are left alone by walks.
      fc.pre(a !== undefined && b !== undefined && !(first.prefix === '' && a.includes('::')) && !(second.prefix === '' && b.includes('::')))
      expect(a).not.toBe(b)
      for (const other of [b, second.reserved('tag', keyOfTwo), second.reserved('http', keyOfTwo)]) {
        expect(other).not.toBe(a)
        expect(other.startsWith(first.cleared.prefix) && first.cleared.owns(other)).toBe(false)
        expect(other.startsWith(first.prefix) && first.owns(other)).toBe(false)
      }
    }),
    { numRuns: 5_000 },
  )
})

test('a name that could be taken for another namespace is refused', () => {
  const cache = createCache({ url: 'memory:' })
  for (const name of ['', 'a::b', ':a', 'a:', 'a:!fm:b']) expect(() => cache.namespace(name)).toThrow('namespace: must not')
  // @ts-expect-error a number is no name
  expect(() => cache.namespace(1)).toThrow('namespace: expected a string')
})

test('a nested namespace shares the connection of its invocation, and the cooldown of its cache', async () => {
  await using redis = await startRedis({ binary: 'redis-server' })
  await using proxy = await faultProxy({ target: redis.url })
  const cache = createCache({ url: proxy.url, namespace: 'app', timeout: 200 })
  await cache.preload()
  {
    await using invocation = cache.invocation()
    await invocation.set('a', 1)
    const inner = invocation.namespace('inner')
    await inner.set('a', 2)
    expect([await invocation.get('a'), await inner.get('a')]).toEqual([1, 2])
    expect(proxy.counters.connections).toBe(1)
  }
  await proxy.set('silent')
  await cache.namespace('inner').get('a')
  expect(await cache.lookup('a')).toMatchObject({ status: 'degraded', reason: 'cooldown' })
  expect(proxy.counters.connections).toBe(2)
})
