import { expect, test } from 'vitest'
import { canStore, type StoringRequest } from '../../src/http/cacheable.ts'
import { freshnessOf } from '../../src/http/freshness.ts'
import { fieldBytes, storableFields } from '../../src/http/fields.ts'
import { responsePolicy } from '../../src/http/targeted.ts'
import { NO_DEFAULTS, NOW, utc } from './given.ts'

function stores(fields: Record<string, string>, status = 200, request: Partial<StoringRequest> = {}): boolean {
  const headers = new Headers(fields)
  const policy = responsePolicy(headers, ['cdn-cache-control'])
  const freshness = freshnessOf({ status, headers }, policy, NOW, NO_DEFAULTS)
  return canStore({ method: 'GET', isAuthorized: false, noStore: false, ...request }, { status, headers }, policy, freshness)
}
const fresh = { 'cache-control': 'max-age=60' }

test('explicit freshness makes any final status storable, except those that answer a range or a condition', () => {
  for (const status of [200, 201, 302, 404, 500, 599]) expect(stores(fresh, status)).toBe(true)
  for (const status of [103, 199, 206, 304, 412, 416]) expect(stores(fresh, status)).toBe(false)
  expect(stores({ ...fresh, 'content-range': 'bytes 0-1/2' })).toBe(false)
})
test('only responses to GET are stored, and none to a request with no-store', () => {
  for (const method of ['POST', 'HEAD', 'QUERY', 'M-SEARCH']) expect(stores(fresh, 200, { method })).toBe(false)
  expect(stores(fresh, 200, { noStore: true })).toBe(false)
})
test.each([
  'no-store',
  'No-Store',
  'PRIVATE',
  'private',
  'private="a b"',
  'private=""',
  'no_store',
  'foo="bar, private',
  'private=x y',
  '"no-store"',
])('a response that says %j is not stored, whatever else it says', (text) => {
  expect(stores({ 'cache-control': `${text}, max-age=60`, etag: '"a"' })).toBe(false)
  expect(stores({ 'cache-control': `max-age=60, public, ${text}`, etag: '"a"' })).toBe(false)
})
test.each(['private', 'no-store', 'no-cache'])('a targeted field that says %s counts, whatever Cache-Control and Expires allow', (text) => {
  const allowing = { 'cache-control': 'public, max-age=60', expires: utc(NOW + 60_000) }
  expect(stores(allowing)).toBe(true)
  expect(stores({ ...allowing, 'cdn-cache-control': text })).toBe(false)
})
test('must-understand overrides no-store for a status that is understood, and forbids the others', () => {
  const both = { 'cache-control': 'must-understand, no-store, max-age=60' }
  expect(stores(both)).toBe(true)
  expect(stores(both, 599)).toBe(false)
  expect(stores({ 'cache-control': 'must-understand, max-age=60' }, 599)).toBe(false)
})
test('a response to a request with credentials needs public, s-maxage or must-revalidate', () => {
  const request = { isAuthorized: true }
  expect(stores(fresh, 200, request)).toBe(false)
  for (const text of ['public', 's-maxage=60', 'must-revalidate']) expect(stores({ 'cache-control': `max-age=60, ${text}` }, 200, request)).toBe(true)
})
test('a response with Set-Cookie is stored only where it says itself that this field is not', () => {
  expect(stores({ ...fresh, 'set-cookie': 'a=1' })).toBe(false)
  expect(stores({ 'cache-control': 'max-age=60, public', 'set-cookie': 'a=1' })).toBe(false)
  for (const text of ['private="set-cookie"', 'no-cache="Set-Cookie"']) {
    const fields = { 'cache-control': `max-age=60, ${text}`, 'set-cookie': 'a=1' }
    expect(stores(fields)).toBe(true)
    expect(storableFields(new Headers(fields), responsePolicy(new Headers(fields), []), NOW).map(([name]) => name)).not.toContain('set-cookie')
  }
})
test('Vary: * and a Vary that cannot be read are never stored', () => {
  for (const vary of ['*', '*, *', ', *', '*, a', 'a, *', 'a b', '"x"']) expect(stores({ ...fresh, vary })).toBe(false)
  expect(stores({ ...fresh, vary: 'Accept, Accept-Language' })).toBe(true)
})
test('what could never be used again is not stored', () => {
  expect(stores({ 'cache-control': 'no-cache' })).toBe(false)
  expect(stores({ 'cache-control': 'no-cache', etag: '"a"' })).toBe(true)
  expect(stores({ 'cache-control': 'max-age=0' })).toBe(false)
  expect(stores({ 'cache-control': 'max-age=0, stale-while-revalidate=5' })).toBe(true)
  expect(stores({ 'cache-control': 'max-age=0, stale-while-revalidate=5, must-revalidate' })).toBe(false)
  expect(stores({})).toBe(false)
})
test('fields of the connection and of proxies are not stored, nor those that the response keeps out', () => {
  const headers = new Headers({
    'cache-control': 'private="X-User", no-cache="x-time", max-age=60',
    connection: 'close, not a name, X-Hop',
    'x-hop': '1',
    'proxy-authenticate': 'Basic',
    'proxy-status': 'a',
    'transfer-encoding': 'chunked',
    'keep-alive': 'timeout=5',
    te: 'trailers',
    trailer: 'x-sum',
    upgrade: 'h2c',
    'x-user': 'u',
    'x-time': 't',
    age: '5',
    'x-kept': 'k',
  })
  const fields = storableFields(headers, responsePolicy(headers, []), NOW)
  expect(fields.map(([name]) => name).sort()).toEqual(['cache-control', 'date', 'x-kept'])
  expect(fields).toContainEqual(['date', utc(NOW)])
  expect(fieldBytes([['ab', 'cd']])).toBe(8)
})
