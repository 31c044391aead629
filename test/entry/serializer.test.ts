import fc from 'fast-check'
import { KeyvJsonSerializer } from 'keyv'
import { expect, test } from 'vitest'
import { jsonSerializer } from '../../src/entry/serializer.ts'

const keyv = new KeyvJsonSerializer()
const leaves = fc.oneof(
  fc.jsonValue(),
  fc.bigInt(),
  fc.uint8Array(),
  fc.string().map((text) => `:${text}`),
  fc.constantFrom('::', ':', ':base64:', ':base64:AQI=', ':bigint:', ':bigint:12', undefined),
  fc.date({ noInvalidDate: true }),
)
const values = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    leaves,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', ':a', 'toJSON ')), tie('node'), { maxKeys: 4 }),
  ),
})).node

test('writes byte for byte what Keyv 6 writes', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(jsonSerializer.stringify({ value })).toBe(keyv.stringify({ value }))
    }),
    { numRuns: 2_000 },
  )
})

test('reads what Keyv 6 writes as Keyv 6 reads it', () => {
  fc.assert(
    fc.property(values, (value) => {
      const text = keyv.stringify({ value })
      expect(plain(jsonSerializer.parse(text))).toEqual(plain(keyv.parse(text)))
    }),
    { numRuns: 2_000 },
  )
})

test('every byte value, a million bytes and bigints come back as they went in', () => {
  const bytes = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 256)
  const value = { bytes, big: -(2n ** 80n), texts: [':', '::base64:', ':bigint:7', 'plain', '', '😀', '\ud800'] }
  expect(jsonSerializer.parse(jsonSerializer.stringify({ value }))).toEqual({ value })
})

test('Keyv reads a Buffer that was written here, with and without a Buffer of its own', () => {
  const text = jsonSerializer.stringify({ value: [Buffer.from('hi'), Buffer.from('hello')] })
  expect(plain(keyv.parse(text))).toEqual(plain({ value: [Buffer.from('hi'), Buffer.from('hello')] }))
  const [first] = (JSON.parse(text) as { value: string[] }).value
  // What decoders of runtimes without one do.
  expect(atob(first?.slice(':base64:'.length) ?? '')).toBe('hi')
})

test('a stored bigint of a million digits is refused before any time is spent on it; one of four thousand is read', () => {
  const digits = '9'.repeat(4_096)
  expect(jsonSerializer.parse(`{"value":":bigint:${digits}"}`)).toEqual({ value: BigInt(digits) })
  expect(() => jsonSerializer.parse(`{"value":":bigint:${digits}9"}`)).toThrow(RangeError)
  const startedAt = performance.now()
  expect(() => jsonSerializer.parse(`[":bigint:${'9'.repeat(4_000_000)}"]`)).toThrow(RangeError)
  expect(performance.now() - startedAt).toBeLessThan(300)
  expect(() => jsonSerializer.stringify({ value: BigInt(`${digits}9`) })).toThrow(RangeError)
})

test('a key named __proto__ stays a key and sets no prototype', () => {
  const text = '{"value":{"__proto__":{"polluted":":bigint:1"}}}'
  const { value } = jsonSerializer.parse(text) as { value: object }
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect((value as { polluted?: unknown }).polluted).toBeUndefined()
})

/** Keyv hands out Buffers on Node, the facade plain Uint8Arrays. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([key, item]) => [key, plain(item)])
}
