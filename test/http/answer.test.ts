import { describe, expect, test } from 'vitest'
import { cacheStatus } from '../../src/http/cache-status.ts'
import { isKeptIn304, isNotModified } from '../../src/http/conditional.ts'
import { groupTag, invalidatedGroups, responseTags } from '../../src/http/groups.ts'
import { invalidatedUrls, isSafeMethod } from '../../src/http/invalidate.ts'
import { requestedRange } from '../../src/http/range.ts'
import { isAboutStored, isConfirmedByHead, isOver, updatedFields, validators } from '../../src/http/validate.ts'
import { givenStored, NOW, utc } from './given.ts'

describe("the client's own conditions", () => {
  const stored = givenStored({ etag: 'W/"a"', 'last-modified': utc(NOW - 5_000) })
  const is = (fields: Record<string, string>, of = stored): boolean => isNotModified(new Headers(fields), of, NOW)
  test('are answered with weak comparison', () => {
    for (const tags of ['"a"', 'W/"a"', '"b", "a"', '"x,y" , W/"a"', '*']) expect(is({ 'if-none-match': tags })).toBe(true)
    for (const tags of ['"A"', 'a', '"b"', '""']) expect(is({ 'if-none-match': tags })).toBe(false)
  })
  test('If-None-Match hides If-Modified-Since', () => {
    expect(is({ 'if-none-match': '"b"', 'if-modified-since': utc(NOW) })).toBe(false)
    expect(is({ 'if-none-match': '"a"', 'if-modified-since': utc(NOW - 60_000) })).toBe(true)
  })
  test('a date counts where the response is not younger; an invalid one does not count', () => {
    expect(is({ 'if-modified-since': utc(NOW - 5_000) })).toBe(true)
    expect(is({ 'if-modified-since': utc(NOW - 6_000) })).toBe(false)
    expect(is({ 'if-modified-since': 'yesterday' })).toBe(false)
    expect(is({ 'if-modified-since': utc(NOW) }, givenStored())).toBe(true)
    expect(is({ 'if-modified-since': utc(NOW - 1_000) }, givenStored())).toBe(false)
  })
  test('count for 200 only', () => {
    expect(is({ 'if-none-match': '*' }, givenStored({}, { status: 404 }))).toBe(false)
  })
  test('a 304 keeps what does not describe a body', () => {
    expect(['etag', 'content-location', 'content-security-policy', 'vary'].every(isKeptIn304)).toBe(true)
    expect(['content-length', 'content-type', 'content-encoding'].some(isKeptIn304)).toBe(false)
  })
})

describe('validation', () => {
  const stored = givenStored({ etag: '"a"', 'last-modified': utc(NOW), 'content-length': '5', 'x-old': '1', 'x-kept': '1' })
  test('sends the validators that there are', () => {
    expect(validators(stored)).toEqual([
      ['if-none-match', '"a"'],
      ['if-modified-since', utc(NOW)],
    ])
    expect(validators(givenStored())).toEqual([])
  })
  test('a 304 about another representation does not count', () => {
    expect(isAboutStored(new Headers({ etag: '"a"' }), stored, NOW)).toBe(true)
    expect(isAboutStored(new Headers({ etag: '"b"' }), stored, NOW)).toBe(false)
    expect(isAboutStored(new Headers({ etag: 'W/"a"' }), stored, NOW)).toBe(false)
    expect(isAboutStored(new Headers({ 'last-modified': utc(NOW - 1_000) }), stored, NOW)).toBe(false)
    expect(isAboutStored(new Headers(), stored, NOW)).toBe(true)
  })
  test('a 304 updates every field but those that belong to the stored bytes (RFC 9111 §3.2)', () => {
    const bound = { 'content-length': '0', 'content-encoding': 'gzip', 'content-range': 'bytes 0-0/1' }
    const updated = updatedFields(stored, new Headers({ ...bound, 'x-old': '2', 'x-new': '3', 'content-type': 'a/b', 'content-note': 'c' }))
    expect(Object.fromEntries(updated)).toEqual({
      'content-note': 'c',
      etag: '"a"',
      'last-modified': utc(NOW),
      'content-length': '5',
      'x-old': '2',
      'x-kept': '1',
      'x-new': '3',
      'content-type': 'a/b',
    })
  })
})

describe('the answer to a HEAD (RFC 9111 §4.3.5)', () => {
  const stored = givenStored({ etag: '"a"', 'last-modified': utc(NOW) })
  test.each([
    [{ etag: '"a"' }, true, false],
    [{ 'last-modified': utc(NOW), 'content-length': '5' }, true, false],
    [{ etag: '"a"', 'content-length': '6' }, false, true],
    [{ etag: '"b"' }, false, true],
    [{ 'last-modified': utc(NOW - 1_000) }, false, true],
    [{ 'content-length': '6' }, false, true],
    [{ 'content-length': '5' }, false, false],
    [{}, false, false],
  ])('%j confirms: %s, refutes: %s', (fields, confirms, refutes) => {
    const headers = new Headers(fields)
    const request = { method: 'HEAD', isAuthorized: false, noStore: false }
    expect(isConfirmedByHead(headers, stored, NOW)).toBe(confirms)
    expect(isOver(stored, request, { status: 200, headers }, NOW)).toBe(refutes)
  })
})

describe('a range', () => {
  const stored = givenStored({ etag: '"a"', 'last-modified': utc(NOW - 60_000) })
  const part = (range: string, more: Record<string, string> = {}, of = stored): unknown =>
    requestedRange(new Headers({ range, ...more }), of, 10, NOW)
  test.each([
    ['bytes=0-3', { start: 0, end: 4 }],
    ['bytes=5-', { start: 5, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=0-99', { start: 0, end: 10 }],
    ['bytes=-99', { start: 0, end: 10 }],
    ['Bytes=9-9', { start: 9, end: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=3-2', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=-', undefined],
    ['bytes=a-b', undefined],
  ])('%s of ten bytes', (range, expected) => {
    expect(part(range)).toEqual(expected)
  })
  test('is ignored where If-Range does not hold strongly', () => {
    const whole = { start: 0, end: 4 }
    expect(part('bytes=0-3', { 'if-range': '"a"' })).toEqual(whole)
    expect(part('bytes=0-3', { 'if-range': '"b"' })).toBeUndefined()
    expect(part('bytes=0-3', { 'if-range': 'W/"a"' }, givenStored({ etag: 'W/"a"' }))).toBeUndefined()
    expect(part('bytes=0-3', { 'if-range': utc(NOW - 60_000) })).toEqual(whole)
    expect(part('bytes=0-3', { 'if-range': utc(NOW) })).toBeUndefined()
    expect(part('bytes=0-3', { 'if-range': utc(NOW) }, givenStored({ 'last-modified': utc(NOW) }))).toBeUndefined()
  })
  test('is for 200 only', () => {
    expect(part('bytes=0-3', {}, givenStored({}, { status: 404 }))).toBeUndefined()
  })
})

test('a reply to an unsafe or unknown method invalidates its URL and what it names of the same origin', () => {
  expect(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'].every(isSafeMethod)).toBe(true)
  expect(['POST', 'PUT', 'DELETE', 'PATCH', 'M-SEARCH', 'get'].some(isSafeMethod)).toBe(false)
  const headers = new Headers({ location: '/b#f', 'content-location': 'http://a.test/c?d' })
  expect(invalidatedUrls('http://a.test/x#f', 201, headers)).toEqual(['http://a.test/x', 'http://a.test/b', 'http://a.test/c?d'])
  for (const location of ['http://b.test/b', 'https://a.test/b', 'http://a.test:8080/b', '//b.test/', 'http://[']) {
    expect(invalidatedUrls('http://a.test/x', 302, new Headers({ location }))).toEqual(['http://a.test/x'])
  }
  for (const status of [199, 400, 404, 500]) expect(invalidatedUrls('http://a.test/x', status, headers)).toEqual([])
})
test('groups belong to their origin and compare exactly; tags are the names of Cache-Tag', () => {
  expect(responseTags(new Headers({ 'cache-groups': '"a", "B"', 'cache-tag': 'x, y' }), 'http://a')).toEqual([
    groupTag('http://a', 'a'),
    groupTag('http://a', 'B'),
    'x',
    'y',
  ])
  expect(groupTag('http://a', 'x')).not.toBe(groupTag('http://b', 'x'))
  expect(responseTags(new Headers({ 'cache-groups': 'a, "b"' }), 'http://a')).toEqual([])
  expect(invalidatedGroups(new Headers({ 'cache-group-invalidation': '"a";p=1' }), 'http://a')).toEqual([groupTag('http://a', 'a')])
})
test('Cache-Status tells hit from forwarded', () => {
  expect(cacheStatus('c', { hit: true, ttl: -1_500 })).toBe('c; hit; ttl=-2')
  expect(cacheStatus('c', { fwd: 'stale', fwdStatus: 304, stored: true, collapsed: true, key: 'k', detail: 'timeout' })).toBe(
    'c; fwd=stale; fwd-status=304; stored; collapsed; key="k"; detail=timeout',
  )
  expect(cacheStatus('c', { hit: true, fwd: 'miss' })).toBe('c; hit')
})
