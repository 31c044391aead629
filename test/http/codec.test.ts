import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bodyBytes, packBody } from '../../src/http/body.ts'
import { fromEnvelope, toEnvelope } from '../../src/http/codec.ts'
import { givenStored } from './given.ts'

test('a body comes back byte for byte, text as text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(bodyBytes(packBody(new Uint8Array(bytes)))).toEqual(new Uint8Array(bytes))
    }),
  )
  expect(packBody(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe('\uFEFFa')
  expect(packBody(Uint8Array.from({ length: 256 }, (_, index) => index))).toBeInstanceOf(Uint8Array)
})
describe('what comes back from Redis', () => {
  const good = toEnvelope(
    givenStored(
      { etag: '"a"' },
      {
        vary: [
          ['accept', null],
          ['b', 'x'],
        ],
      },
    ),
  )
  test('is taken where it is whole', () => {
    expect(fromEnvelope(good)).toEqual(good)
    expect(fromEnvelope({ ...good, headers: [['content-length', '5']] })).toBeDefined()
  })
  test('is a miss with any field missing or of another type', () => {
    for (const name of Object.keys(good)) {
      for (const value of [undefined, null, {}, [1], [[1, 2]], -1, Number.NaN, true])
        expect(fromEnvelope({ ...good, [name]: value }), `${name}: ${JSON.stringify(value)}`).toBeUndefined()
    }
  })
  test.each([
    { status: 199 },
    { status: 600 },
    { status: 200.5 },
    { status: 204 },
    { headers: [['a', 'b\r\nc: d']] },
    { headers: [['a b', 'c']] },
    { headers: [['', 'c']] },
    { headers: [['a', '\0']] },
    { vary: [['a b', '1']] },
    { vary: [['', null]] },
    { headers: [['Age', '1']] },
    { headers: [['set-cookie', 'id=1']] },
    { headers: [['content-length', '4']] },
    { headers: [['transfer-encoding', 'chunked']] },
    { headers: [['connection', 'date']] },
    { headers: [['proxy-authenticate', 'Basic']] },
    { freshness: { ...givenStored().freshness, lifetime: -1 } },
    { freshness: { ...givenStored().freshness, isStrict: 0 } },
    { responseAt: Infinity },
    { v: 2 },
    { body: [1] },
  ])('is a miss with %j', (change) => {
    expect(fromEnvelope({ ...good, ...change })).toBeUndefined()
  })
  test('is never more than a miss, whatever it is', () => {
    fc.assert(fc.property(fc.anything(), (value) => fromEnvelope(value) === undefined))
  })
})
