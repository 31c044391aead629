import fc from 'fast-check'
import { testCache } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { createKeys, type ReservedKind } from '../../src/entry/keys.ts'
import { namespaceProblem } from '../../src/options/namespace.ts'

const namespaces = fc.option(
  fc
    .string({ unit: fc.constantFrom('a', 'b', ':', '!', 'f', 'm'), minLength: 1, maxLength: 12 })
    .filter((name) => namespaceProblem(name) === undefined),
  { nil: undefined },
)
const parts = fc.oneof(fc.string({ unit: fc.constantFrom('a', 'b', ':', '!', 'f', 'm', '::', ':!fm:'), maxLength: 12 }), fc.string())

test('two namespaces never share a stored key', () => {
  fc.assert(
    fc.property(namespaces, parts, namespaces, parts, (one, key, other, otherKey) => {
      fc.pre(one !== other && one !== undefined && other !== undefined)
      expect(createKeys(one).public(key)).not.toBe(createKeys(other).public(otherKey))
    }),
  )
})

test('no public key of any namespace, or of none, equals a reserved key', () => {
  const kinds = fc.constantFrom<ReservedKind>('tag', 'lease', 'http')
  fc.assert(
    fc.property(namespaces, parts, namespaces, kinds, parts, (one, key, other, kind, id) => {
      const reserved = createKeys(other).reserved(kind, id)
      expect(storedOrRefused(one, key)).not.toBe(reserved)
      // The key itself, should somebody try it.
      expect(storedOrRefused(undefined, reserved)).toBe('refused')
    }),
    { numRuns: 2_000 },
  )
})

function storedOrRefused(namespace: string | undefined, key: string): string {
  try {
    return createKeys(namespace).public(key)
  } catch {
    return 'refused'
  }
}

test('a key with half of a surrogate pair is refused, since in Redis it would be the key of others too', async () => {
  await using cache = testCache()
  expect(await cache.set('a\uD800', 1)).toBe(false)
  expect(await cache.lookup('a\uD801')).toMatchObject({ status: 'degraded', reason: 'decode' })
  expect(await cache.wrap('a\uDC00', () => 2)).toBe(2)
  expect(cache.commands).toEqual([])
  expect(await cache.set('a\u{1F600}', 3)).toBe(true)
})
