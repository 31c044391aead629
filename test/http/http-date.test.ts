import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHttpDate } from '../../src/http/http-date.ts'
import { NOW } from './given.ts'

test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'sun, 06 NOV 1994 08:49:37 gmt', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  '%s',
  (text) => {
    expect(parseHttpDate(text, NOW)).toBe(NOW)
  },
)
test.each([
  '0',
  '-1',
  '',
  'never',
  'Sun, 06 Nov 1994 08:49:37 UTC',
  'Sun, 06 Nov 1994 08:49:37 +0000',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun 06 Nov 1994 08:49:37 GMT',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun,  06 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 94 08:49:37 GMT',
  'Sun, 06-Nov-1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 8:49:37 GMT',
  'Sun, 06 Nov 1994 08.49.37 GMT',
  'Sun, 31 Feb 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:00 GMT',
  'Sun, 06 Ovd 1994 08:49:37 GMT',
  '1994-11-06T08:49:37Z',
  'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
])('%j is no date', (text) => {
  expect(parseHttpDate(text, NOW)).toBeUndefined()
})
test('a two-digit year more than 50 years ahead lies in the past', () => {
  expect(parseHttpDate('Monday, 06-Nov-45 08:49:37 GMT', NOW)).toBe(Date.UTC(1945, 10, 6, 8, 49, 37))
  expect(parseHttpDate('Sunday, 06-Nov-44 08:49:37 GMT', NOW)).toBe(Date.UTC(1944, 10, 6, 8, 49, 37))
  expect(parseHttpDate('Sunday, 06-Nov-40 08:49:37 GMT', NOW)).toBe(Date.UTC(1940, 10, 6, 8, 49, 37))
  expect(parseHttpDate('Sunday, 06-Nov-40 08:49:37 GMT', Date.UTC(2026, 0))).toBe(Date.UTC(2040, 10, 6, 8, 49, 37))
})
test('what the platform writes is read back', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(parseHttpDate(date.toUTCString(), NOW)).toBe(Math.floor(date.getTime() / 1000) * 1000)
    }),
  )
})
