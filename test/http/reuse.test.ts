import { describe, expect, test } from 'vitest'
import { requestDirectives } from '../../src/http/request-directives.ts'
import { canReplaceError, decideReuse, keepFor } from '../../src/http/reuse.ts'
import { givenStored, NOW } from './given.ts'

function reuse(response: string, request: string | undefined, seconds: number, allowsReload = true): string {
  const headers = new Headers(request === undefined ? {} : { 'cache-control': request })
  return decideReuse(givenStored({ 'cache-control': response }), requestDirectives(headers, allowsReload), NOW + seconds * 1000)
}

test.each([
  ['max-age=60', undefined, 59, 'fresh'],
  ['max-age=60', undefined, 60, 'validate'],
  ['max-age=60, stale-while-revalidate=10', undefined, 65, 'stale'],
  ['max-age=60, stale-while-revalidate=10', undefined, 70, 'validate'],
  ['max-age=60, stale-while-revalidate=10, must-revalidate', undefined, 65, 'validate'],
  ['max-age=60, stale-while-revalidate=10, proxy-revalidate', undefined, 65, 'validate'],
  ['s-maxage=60, stale-while-revalidate=10', undefined, 65, 'validate'],
  ['max-age=60, no-cache', undefined, 1, 'validate'],
  ['max-age=60, no-cache="x"', undefined, 1, 'fresh'],
  ['max-age=60', 'no-cache', 1, 'ask'],
  ['max-age=60', 'max-age=0', 1, 'ask'],
  ['max-age=60', 'max-age=5', 5, 'fresh'],
  ['max-age=60, immutable', 'max-age=0', 1, 'fresh'],
  ['max-age=60, immutable', 'no-cache', 1, 'ask'],
  ['max-age=60, immutable', 'max-age=0', 61, 'ask'],
  ['max-age=60', 'min-fresh=10', 50, 'fresh'],
  ['max-age=60', 'min-fresh=10', 51, 'ask'],
  ['max-age=60', 'max-stale=10', 70, 'fresh'],
  ['max-age=60', 'max-stale=10', 71, 'validate'],
  ['max-age=60', 'max-stale', 7000, 'fresh'],
  ['max-age=60, must-revalidate', 'max-stale', 61, 'validate'],
  ['max-age=60', 'max-stale=x', 61, 'validate'],
] as const)('%s, asked with %s, is after %i s: %s', (response, request, seconds, expected) => {
  expect(reuse(response, request, seconds)).toBe(expected)
})

test('clients that may not reload are heard only where they ask not to store, or for the store alone', () => {
  for (const request of ['no-cache', 'max-age=0', 'min-fresh=100', 'max-stale']) expect(reuse('max-age=60', request, 1, false)).toBe('fresh')
  expect(reuse('max-age=60', 'max-stale', 61, false)).toBe('validate')
  expect(requestDirectives(new Headers({ 'cache-control': 'No-Store, only-if-cached' }), false)).toMatchObject({ noStore: true, onlyIfCached: true })
  expect(requestDirectives(new Headers({ 'cache-control': 'no_store' }), false).noStore).toBe(true)
})
test('Pragma counts only without Cache-Control', () => {
  expect(requestDirectives(new Headers({ pragma: 'no-cache' }), true).noCache).toBe(true)
  expect(requestDirectives(new Headers({ pragma: 'no-cache', 'cache-control': 'max-age=5' }), true).noCache).toBe(false)
})

describe('an error', () => {
  test('is replaced within stale-if-error, never against must-revalidate', () => {
    const at = NOW + 65_000
    expect(canReplaceError(givenStored({ 'cache-control': 'max-age=60, stale-if-error=10' }), at)).toBe(true)
    expect(canReplaceError(givenStored({ 'cache-control': 'max-age=60, stale-if-error=5' }), at)).toBe(false)
    expect(canReplaceError(givenStored({ 'cache-control': 'max-age=60, stale-if-error=10, must-revalidate' }), at)).toBe(false)
    expect(canReplaceError(givenStored({ 'cache-control': 'max-age=60' }), at)).toBe(false)
  })
})
test('an entry is kept for its freshness and the largest window that may use it', () => {
  const cached = (text: string, more = {}): number => keepFor(givenStored({ 'cache-control': text, ...more }), NOW, 1_000_000)
  expect(cached('max-age=60')).toBe(60_000)
  expect(cached('max-age=60, stale-while-revalidate=5, stale-if-error=9')).toBe(69_000)
  expect(cached('max-age=60, stale-if-error=9, must-revalidate')).toBe(60_000)
  expect(cached('max-age=60', { etag: '"a"' })).toBe(1_060_000)
})
