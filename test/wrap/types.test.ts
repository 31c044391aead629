import { type Cache, createCache, type Wrapped } from 'fastmiss'
import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'

// The types are checked by the compiler (`npm run check`); what runs here is only that nothing throws.

test("wrap returns the loader's type, awaited, and the schema's output wins", async () => {
  const cache = createCache({ url: 'memory:' })
  expectTypeOf(await cache.wrap('a', () => 1)).toEqualTypeOf<number>()
  expectTypeOf(await cache.wrap('b', async () => ({ name: 'x' }))).toEqualTypeOf<{ name: string }>()
  expectTypeOf(await cache.wrap('c', ({ key, signal }) => [key, signal.aborted] as const)).toEqualTypeOf<readonly [string, boolean]>()
  expectTypeOf(await cache.wrapped('b', () => ({ name: 'x' }))).toEqualTypeOf<Wrapped<{ name: string }>>()
  const schema = v.pipe(v.string(), v.transform(Number))
  expectTypeOf(await cache.wrap('d', (): unknown => '1', { schema })).toEqualTypeOf<number>()
  expectTypeOf(await cache.wrapped('d', () => '1', { schema, ttl: 5 })).toEqualTypeOf<Wrapped<number>>()
  expectTypeOf(await cache.wrapMany(['e'], (keys) => new Map(keys.map((key) => [key, 1])))).toEqualTypeOf<(number | undefined)[]>()
  expectTypeOf(await cache.wrapMany(['f'], async () => ({ f: 'x' }))).toEqualTypeOf<(string | undefined)[]>()
  expectTypeOf(await cache.wrapMany(['g'], () => ({ g: '1' }), { schema })).toEqualTypeOf<(number | undefined)[]>()
})

test('keys and tags can be narrowed, for the cache and its invocations', async () => {
  const cache = createCache<`user:${string}`, 'users' | 'all'>({ url: 'memory:' })
  await using invocation = cache.invocation()
  for (const one of [cache, invocation]) {
    await one.set('user:1', 1, { tags: ['users'] })
    await one.wrap('user:1', () => 1, { tags: ['users', 'all'] })
    // @ts-expect-error not a key of this cache
    await one.get('other')
    // @ts-expect-error not a key of this cache
    await one.wrap('other', () => 1)
    // @ts-expect-error not a tag of this cache
    await one.set('user:1', 1, { tags: ['usres'] })
    // @ts-expect-error not a tag of this cache
    await one.wrap('user:1', () => 1, { tags: ['usres'] })
    // @ts-expect-error not a tag of this cache
    await one.wrap('user:1', ({ setTags }) => setTags(['usres']))
    // @ts-expect-error not a tag of this cache
    await one.invalidateTags(['usres'])
  }
  // What takes any cache takes it.
  const general: Cache = cache
  expect(await general.get('other')).toBe(1)
})
