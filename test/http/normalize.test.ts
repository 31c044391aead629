import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { choicesOf, chosenValue, normalizedValue } from '../../src/http/normalize.ts'
import { alternativesOf, matchesVary, selectingValues, withChoices } from '../../src/http/vary.ts'

const language = (value: string): string | null => normalizedValue('accept-language', value)
const encoding = (value: string): string | null => normalizedValue('accept-encoding', value)

describe('a normal form', () => {
  test.each([
    ['en, de', 'de, en'],
    ['en, de', 'eN,De'],
    ['en, de', 'en ,\t  de'],
    ['de, en;q=0.5', 'en ; q=0.50 , DE;q=1.000'],
    ['zh-Hant-TW, *;q=0.1', '*;q=0.1,zh-hant-tw'],
    ['de;q=0, en', 'en,de;q=0.0'],
  ])('of Accept-Language %j is that of %j', (one, other) => expect(language(one)).toBe(language(other)))
  test.each([
    ['gzip, br', 'BR,GZIP'],
    ['gzip;q=0.8, br', 'br , gzip;q=0.8'],
  ])('of Accept-Encoding %j is that of %j', (one, other) => expect(encoding(one)).toBe(encoding(other)))
  test.each([
    ['en, de', 'en'],
    ['de, en;q=0.5', 'en, de;q=0.5'],
    ['de, en;q=0.5', 'de, en;q=0.4'],
    ['de, en;q=0', 'de, en'],
    ['de', 'de-CH'],
  ])('tells %j from %j', (one, other) => expect(language(one)).not.toBe(language(other)))
  test.each([
    '',
    'en,,de',
    ',en',
    'en, en',
    'en, EN;q=0.5',
    'en;q=2',
    'en;q=0.1234',
    'en;q=.5',
    'en;Q=0.5',
    'en;level=1',
    'en;q=0.5;x=1',
    'en_GB',
    'en de',
    '"en", de',
    'en\u00a0, de',
    'a2, en',
    'abcdefghi',
  ])('is not made of %j, which stays as it came', (value) => expect(language(value)).toBe(value))
  test.each(['Accept', 'x-lang', 'cookie:accept-language'])('is not made of the field %s', (name) =>
    expect(normalizedValue(name, 'B, a')).toBe('B, a'),
  )
  test('is none of an absent field', () => expect(normalizedValue('accept-language', null)).toBeNull())
  test('is never what another client could send', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'en,de;q=0.15*- \tGZ'), maxLength: 20 }), (text) => {
        const value = new Headers({ x: text }).get('x')
        const normal = language(value ?? '')
        expect(normal === value || normal?.startsWith(' ')).toBe(true)
        expect(value?.startsWith(' ')).toBe(false)
      }),
    )
  })
  test('does not depend on the order of its members', () => {
    const member = fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.constantFrom('', ';q=0.5', ';q=0', ';q=1.0'))
    const members = fc.uniqueArray(member, { selector: ([one]) => one, minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        members.chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))),
        ([one, other]) => {
          const text = (some: readonly (readonly [string, string])[]): string => some.map((parts) => parts.join('')).join(', ')
          expect(language(text(one))).toBe(language(text(other)))
        },
      ),
    )
  })
})

describe('what the server chose', () => {
  const response = new Headers({ 'content-encoding': 'gzip', 'content-language': 'de' })
  const stored = (accepted: Record<string, string>) => ({
    vary: withChoices(selectingValues(new Headers(accepted), Object.keys(accepted).sort(), true), response),
  })
  const matches = (one: Record<string, string>, other: Record<string, string>): boolean => matchesVary(stored(one), new Headers(other), true)

  test.each([
    ['gzip, deflate, br', 'gzip', true],
    ['gzip', 'gzip, br', true],
    ['gzip;q=0.8', 'gzip', true],
    // Another coding is liked better, on one side or the other.
    ['gzip', 'br, gzip;q=0.8', false],
    ['br, gzip;q=0.8', 'gzip', false],
    ['gzip', 'br', false],
    ['gzip', 'gzip;q=0', false],
    ['gzip', '*', false],
    ['gzip', 'gzip, gzip', false],
    // As many as there may be, and one more.
    ['gzip', 'a, b, c, gzip', true],
    ['gzip', 'a, b, c, d, gzip', false],
    ['a, b, c, d, gzip', 'gzip, d, c, b, a', true],
  ])('for Accept-Encoding %j answers %j: %j', (one, other, isMatch) =>
    expect(matches({ 'accept-encoding': one }, { 'accept-encoding': other })).toBe(isMatch),
  )
  test.each([
    ['en, de', 'fr;q=0.5, de;q=1.0', true],
    ['de, en;q=0.5', 'de', true],
    ['de', 'de-CH, de;q=0.9', false],
    ['de', 'en, de;q=0.9', false],
    // A page for want of a better one is for those who asked the same way.
    ['fr', 'de', false],
    ['fr', 'FR', true],
  ])('for Accept-Language %j answers %j: %j', (one, other, isMatch) =>
    expect(matches({ 'accept-language': one }, { 'accept-language': other })).toBe(isMatch),
  )
  test('answers nobody who does not name it, and nothing where values are compared as they come', () => {
    expect(matchesVary(stored({ 'accept-encoding': 'gzip' }), new Headers(), true)).toBe(false)
    expect(matchesVary(stored({ 'accept-encoding': 'gzip' }), new Headers({ 'accept-encoding': 'gzip' }))).toBe(false)
  })
  test('is none where the response names several, or nothing', () => {
    for (const headers of [new Headers(), new Headers({ 'content-encoding': 'gzip, br' })]) {
      const normal = encoding('gzip, br')
      expect(chosenValue('accept-encoding', normal, headers)).toBe(normal)
    }
  })
  test('of two fields is looked for in all combinations', () => {
    const values = selectingValues(
      new Headers({ 'accept-encoding': 'br, gzip', 'accept-language': 'de' }),
      ['accept-encoding', 'accept-language', 'x'],
      true,
    )
    expect(alternativesOf(values)).toHaveLength(6)
    expect(choicesOf(null)).toEqual([null])
  })
})
