import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { INVALID, milliseconds, parseCacheControl, qualifiedFields } from '../../src/http/cache-control.ts'

describe('parsing Cache-Control', () => {
  test('names are case-insensitive, arguments plain or quoted', () => {
    const { values, isDoubtful } = parseCacheControl('No-STORE, Max-Age="60", s-maxage=5')
    expect([...values]).toEqual([
      ['no-store', ''],
      ['max-age', '60'],
      ['s-maxage', '5'],
    ])
    expect(isDoubtful).toBe(false)
  })
  test('a comma inside a quoted string does not separate, and what it holds is no directive', () => {
    const { values } = parseCacheControl('ext="no-store, max-age=1\\", private", max-age=60')
    expect(values.has('no-store')).toBe(false)
    expect(milliseconds({ values, isDoubtful: false }, 'max-age')).toBe(60_000)
  })
  test.each(['1.5', '-1', '1a', '', '0x10', '1e3', ' 60', "'60'"])('a number of seconds written %j counts as stale', (text) => {
    expect(milliseconds(parseCacheControl(`max-age="${text}"`), 'max-age')).toBe(0)
  })
  test('a number of seconds may begin with zeros', () => {
    expect(milliseconds(parseCacheControl('max-age=0060'), 'max-age')).toBe(60_000)
  })
  test('a directive given twice with two values counts as stale, with one value as given', () => {
    expect(milliseconds(parseCacheControl('max-age=1, max-age=60'), 'max-age')).toBe(0)
    expect(milliseconds(parseCacheControl('max-age=60, max-age=60'), 'max-age')).toBe(60_000)
  })
  test('a space around the equals sign makes the argument invalid, not absent', () => {
    expect(parseCacheControl('max-age = 60').values.get('max-age')).toBe(INVALID)
  })
  test('numbers beyond 2^31 seconds count as 2^31', () => {
    expect(milliseconds(parseCacheControl(`max-age=${'9'.repeat(400)}`), 'max-age')).toBe(2 ** 31 * 1000)
  })
  test.each(['no_store', 'nostore', 'x-private', 'private; a', 'foo="bar, no-store', '"private"', 'max-age=1 no-store', '=private', 'NoStore=1'])(
    '%j may have meant that it is not for caches',
    (text) => {
      expect(parseCacheControl(text).isDoubtful).toBe(true)
    },
  )
  test('private with names speaks of those fields, with anything else of the whole response', () => {
    expect(qualifiedFields(parseCacheControl('private="Set-Cookie, x-user"'), 'private')).toEqual(['set-cookie', 'x-user'])
    for (const text of ['private', 'private=""', 'private="a b"', 'private="a", private="b"', 'private="a']) {
      expect(qualifiedFields(parseCacheControl(text), 'private')).toEqual([])
    }
    expect(qualifiedFields(parseCacheControl('public'), 'private')).toBeUndefined()
  })
  test('whatever stands around it, a directive of its own is found', () => {
    const name = fc.constantFrom('no-store', 'private', 'no-cache')
    const other = fc.stringMatching(/^[a-z]{1,8}(=("[^"\\]{0,8}"|[a-z0-9]{1,5}))?$/)
    const cased = fc
      .tuple(name, fc.infiniteStream(fc.boolean()))
      .map(([text, upper]) => Array.from(text, (char) => (upper.next().value === true ? char.toUpperCase() : char)).join(''))
    fc.assert(
      fc.property(fc.array(other), cased, fc.array(other), (before, directive, after) => {
        const { values } = parseCacheControl([...before, directive, ...after].join(','))
        expect(values.has(directive.toLowerCase())).toBe(true)
      }),
    )
  })
  test('any text is parsed, and a text that speaks of private or no-store outside a quoted argument is never plain', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('private', 'no-store', 'No-Store'), fc.string(), (before, word, after) => {
        fc.pre(!before.includes('"'))
        const { values, isDoubtful } = parseCacheControl(`${before.replaceAll('=', ';')}${word}${after}`)
        expect(isDoubtful || values.has('private') || values.has('no-store')).toBe(true)
      }),
    )
  })
})
