import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEntry, encodeEntry, type Entry } from '../../src/entry/entry.ts'
import { jsonSerializer } from '../../src/entry/serializer.ts'

/** The same serializer under another identity: it is given the whole text. */
const whole = { ...jsonSerializer }

const tails = fc.constantFrom('', '"', '}', ']', ',"at":1', ',"expires":2', ',"at":3}', '{"value":', ',"tags":[]', ',"value":9', ' ', '"a":')
const values = fc.oneof(
  fc.json(),
  fc.constantFrom(
    '":base64:AQI="',
    '[":bigint:12"]',
    '"::"',
    '"\\",\\"at\\":1}"',
    '{"expires":1,"at":2}',
    '1,"value":2',
    '1,"fresh":5',
    '',
    'null',
    '0',
  ),
)
const instants = fc.oneof(fc.nat(), fc.constantFrom('1785000000000', '01', '-1', '1.5', '1e3', 'null', '"7"', '', '9'.repeat(16), '9'.repeat(400)))

test('an entry that is read without parsing its envelope is the one that parsing gives', () => {
  const texts = fc
    .tuple(values, tails, instants, instants, tails)
    .map(([value, more, expires, at, end]) => `{"value":${value}${more},"expires":${expires},"at":${at}}${end}`)
  fc.assert(
    fc.property(texts, (text) => {
      expect(decodeEntry(text, jsonSerializer)).toEqual(decodeEntry(text, whole))
    }),
    { numRuns: 20_000 },
  )
})

test('plain entries are read so: with an end, and their value as it was', () => {
  for (const value of [1, 'x', null, [], { at: 1, expires: 2 }, ',"expires":1,"at":2}', ':', new Uint8Array([1, 2])]) {
    const text = jsonSerializer.stringify({ value, expires: 1_785_000_000_000, at: 1_784_000_000_000 })
    expect(decodeEntry(text, jsonSerializer)).toEqual({ value, expires: 1_785_000_000_000, at: 1_784_000_000_000 })
  }
})

test('an entry that is written piece by piece is the text that the serializer writes, whatever it holds', () => {
  const parts = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(undefined, ':', [':'], { __proto__: null, a: 1 }, new Date(0), 1n, new Map(), new Uint8Array([1]), () => 1, {
      toJSON: () => undefined,
    }),
  )
  const entries = fc.record(
    {
      value: parts,
      expires: fc.maxSafeNat(),
      at: fc.maxSafeNat(),
      fresh: fc.nat(),
      took: fc.nat(),
      tags: fc.constant([[':t', 'v']] as const),
      none: fc.constant(true as const),
    },
    { requiredKeys: ['value'] },
  )
  fc.assert(
    fc.property(entries, (entry: Entry) => {
      const text = encodeEntry(inOrder(entry), whole)
      // Of what writes itself as nothing there is no entry.
      expect(encodeEntry(inOrder(entry), jsonSerializer)).toBe(text?.startsWith('{"value":') === true ? text : undefined)
    }),
    { numRuns: 5_000 },
  )
})

/** As entries are made: Keyv's fields first, in Keyv's order. */
function inOrder({ value, expires, at, ...own }: Entry): Entry {
  return { value, ...(expires === undefined ? {} : { expires }), ...(at === undefined ? {} : { at }), ...own }
}
