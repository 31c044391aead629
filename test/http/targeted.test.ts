import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDictionary, parseStrings } from '../../src/http/structured.ts'
import { responsePolicy } from '../../src/http/targeted.ts'
import { parseDictionary as parseWithLibrary, parseList as parseListWithLibrary } from 'structured-headers'
import { freshnessOfFields } from './given.ts'

test('the first valid field of the list that is not empty wins, and Cache-Control and Expires no longer count', () => {
  const headers = new Headers({ 'a-cache-control': '', 'b-cache-control': 'max-age=5', 'c-cache-control': 'max-age=9', 'cache-control': 'no-store' })
  const policy = responsePolicy(headers, ['a-cache-control', 'b-cache-control', 'c-cache-control'])
  expect(policy.isTargeted).toBe(true)
  expect([...policy.values]).toEqual([['max-age', '5']])
  expect(freshnessOfFields({ 'cdn-cache-control': 'must-revalidate', expires: 'Sun, 06 Nov 2094 08:49:37 GMT' })?.lifetime).toBe(0)
})
test('a field that is no dictionary is ignored, unless it speaks of privacy', () => {
  const ignored = responsePolicy(new Headers({ 'cdn-cache-control': 'max-age=60, &', 'cache-control': 'max-age=5' }), ['cdn-cache-control'])
  expect(ignored).toMatchObject({ isTargeted: false, isDoubtful: false })
  const doubtful = responsePolicy(new Headers({ 'cdn-cache-control': 'Private', 'cache-control': 'max-age=5' }), ['cdn-cache-control'])
  expect(doubtful.isDoubtful).toBe(true)
})
test('an unlisted field counts for nothing', () => {
  expect(responsePolicy(new Headers({ 'cdn-cache-control': 'max-age=60' }), []).values.size).toBe(0)
})
test.each(['max-age="60"', 'max-age=60.5', 'max-age=?1', 'max-age', 'max-age=(60)', 'max-age=-1'])('%s is stale', (text) => {
  expect(freshnessOfFields({ 'cdn-cache-control': text, 'cache-control': 'max-age=99' })?.lifetime).toBe(0)
})
test('parameters and later values of a key are read as structured fields say', () => {
  expect(freshnessOfFields({ 'cdn-cache-control': 'max-age=1;a="x,y";b=:YQ==:, max-age=60;c' })?.lifetime).toBe(60_000)
})
test('dictionaries and lists of strings parse and fail as in the library for structured fields', () => {
  const piece = fc.constantFrom(
    'a',
    'max-age',
    '=',
    '60',
    '-1',
    '1.5',
    '1.',
    '"x"',
    '"a\\"b"',
    '"',
    ',',
    ', ',
    ' ',
    '\t',
    ';',
    'b',
    '?1',
    '?2',
    ':YQ==:',
    '(',
    ')',
    'tok/en',
    '1'.repeat(16),
    '*',
    'A',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const text = pieces.join('')
      const ours = parseDictionary(text)
      const theirs = attempt(() => parseWithLibrary(text))
      expect(ours === undefined, text).toBe(theirs === undefined)
      if (ours && theirs) expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort())
      const list = attempt(() => parseListWithLibrary(text).map(([item]) => item))
      const strings = list?.every((item) => typeof item === 'string') ? list : undefined
      expect(parseStrings(text), text).toEqual(strings)
    }),
    { numRuns: 3000 },
  )
})

function attempt<Value>(parse: () => Value): Value | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
