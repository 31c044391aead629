import { describe, expect, test } from 'vitest'
import { initialAge } from '../../src/http/age.ts'
import { freshnessOfFields, givenStored, NO_DEFAULTS, NOW, utc } from './given.ts'
import { currentAge, remainingLifetime } from '../../src/http/stored.ts'

describe('the lifetime', () => {
  test('is s-maxage, else max-age, else Expires minus Date', () => {
    const date = utc(NOW)
    const expires = utc(NOW + 30_000)
    expect(freshnessOfFields({ 'cache-control': 'max-age=10, s-maxage=20', expires, date })?.lifetime).toBe(20_000)
    expect(freshnessOfFields({ 'cache-control': 'max-age=10', expires, date })?.lifetime).toBe(10_000)
    expect(freshnessOfFields({ expires, date })?.lifetime).toBe(30_000)
    expect(freshnessOfFields({ expires, date: utc(NOW - 10_000) })?.lifetime).toBe(40_000)
  })
  test('is nothing where Expires is invalid, past or given twice', () => {
    const modified = { 'last-modified': utc(NOW - 1e9) }
    for (const expires of ['0', 'tomorrow', utc(NOW - 1), `${utc(NOW + 1e6)}, ${utc(NOW + 2e6)}`]) {
      expect(freshnessOfFields({ expires, ...modified })?.lifetime).toBe(0)
    }
  })
  test('is nothing where Expires lies before Date, wherever the clock here stands', () => {
    for (const shift of [-1e6, 0, 1e6]) {
      expect(freshnessOfFields({ expires: utc(NOW + shift), date: utc(NOW + shift + 1_000) })?.lifetime).toBe(0)
    }
  })
  test('is a tenth of the time since the last change for statuses that allow it', () => {
    const fields = { 'last-modified': utc(NOW - 100_000), date: utc(NOW) }
    expect(freshnessOfFields(fields)?.lifetime).toBe(10_000)
    expect(freshnessOfFields(fields, 201)).toBeUndefined()
    expect(freshnessOfFields({ ...fields, 'cache-control': 'public' }, 201)?.lifetime).toBe(10_000)
    expect(freshnessOfFields(fields, 200, { ...NO_DEFAULTS, heuristic: false })?.lifetime).toBe(0)
  })
  test('is guessed for the statuses of RFC 9110 §15.1 and for no others', () => {
    const fields = { 'last-modified': utc(NOW - 100_000), date: utc(NOW) }
    for (const status of [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]) {
      expect(freshnessOfFields(fields, status)?.lifetime, String(status)).toBe(10_000)
    }
    for (const status of [201, 202, 302, 303, 307, 400, 403, 429, 500, 502, 503, 504, 599]) {
      expect(freshnessOfFields(fields, status), String(status)).toBeUndefined()
    }
  })
  test('is the configured one only where the response says nothing at all', () => {
    const defaults = { ttl: 7_000, swr: 8_000, staleIfError: 9_000, heuristic: true }
    expect(freshnessOfFields({}, 200, defaults)).toMatchObject({ lifetime: 7_000, swr: 8_000, staleIfError: 9_000 })
    for (const spoken of [{ 'cache-control': 'max-age=1' }, { expires: utc(NOW + 1_000) }, { 'cdn-cache-control': 'max-age=1' }]) {
      expect(freshnessOfFields(spoken as Record<string, string>, 200, defaults)).toMatchObject({ lifetime: 1_000, swr: 0, staleIfError: 0 })
    }
    expect(freshnessOfFields({ 'cache-control': 'no_store' }, 200, defaults)?.lifetime).toBe(0)
  })
})

describe('the age', () => {
  const times = { requestAt: NOW - 2_000, responseAt: NOW }
  test('is the larger of the clock difference and Age plus the time on the way', () => {
    expect(initialAge(new Headers({ date: utc(NOW - 10_000), age: '3' }), times)).toBe(10_000)
    expect(initialAge(new Headers({ date: utc(NOW), age: '30' }), times)).toBe(32_000)
    expect(initialAge(new Headers({ date: utc(NOW + 60_000) }), times)).toBe(2_000)
    expect(initialAge(new Headers(), times)).toBe(2_000)
  })
  test('takes the first value of Age, ignores an invalid one and never overflows', () => {
    expect(initialAge(new Headers({ age: '5, 7200' }), times)).toBe(7_000)
    for (const age of ['abc', '-5', '1.5', '"5"', '5 s']) expect(initialAge(new Headers({ age }), times)).toBe(2_000)
    expect(initialAge(new Headers({ age: '9'.repeat(99) }), times)).toBe(2 ** 31 * 1000 + 2_000)
  })
  test('grows in the store, and a clock that runs backwards does not make it younger', () => {
    const stored = givenStored({}, { initialAge: 5_000 })
    expect(currentAge(stored, NOW + 10_000)).toBe(15_000)
    expect(currentAge(stored, NOW - 10_000)).toBe(5_000)
    expect(remainingLifetime(stored, NOW + 60_000)).toBe(-5_000)
  })
})
