import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BELIEVED } from '../../src/http/request-fields.ts'
import { bypassReason } from '../../src/http/bypass.ts'
import { canStore } from '../../src/http/cacheable.ts'
import { freshnessOf } from '../../src/http/freshness.ts'
import { keyText, parseTarget } from '../../src/http/key.ts'
import { responsePolicy } from '../../src/http/targeted.ts'
import { selectingValues, selectorsOf, variantText } from '../../src/http/vary.ts'
import { NOW } from './given.ts'

const OPTIONS = { vary: [], cookies: [], ignoreCookies: [], believedHeaders: new Set(BELIEVED) }
const DEFAULTS = { ttl: 60_000, swr: 60_000, staleIfError: 60_000, heuristic: true }

interface Exchange {
  readonly url: string
  readonly request: Record<string, string>
  readonly response: Record<string, string>
  readonly status: number
}

/** The key under which the engine would store the response, undefined where it does not. */
function storedUnder({ url, request, response, status }: Exchange): string | undefined {
  const target = parseTarget(url)
  if (target === undefined) return undefined
  const asked = new Request(url, { headers: request })
  if (bypassReason(asked, target, OPTIONS) !== undefined) return undefined
  const headers = new Headers(response)
  const policy = responsePolicy(headers, ['cdn-cache-control'])
  const freshness = freshnessOf({ status, headers }, policy, NOW, DEFAULTS)
  const isAuthorized = asked.headers.has('authorization')
  if (!canStore({ method: 'GET', isAuthorized, noStore: false }, { status, headers }, policy, freshness)) return undefined
  return variantText(keyText('', target), selectingValues(asked.headers, selectorsOf(headers, [])))
}

const harmless = fc.constantFrom('max-age=60', 'MAX-AGE=60', 's-maxage=9', 'x="a, b"', 'immutable', 'stale-if-error=9', 'max-age="60"', '')
const forbidding = fc.constantFrom('private', 'no-store', 'Private', 'NO-STORE', 'no-store=1', 'private=x y', 'no_store')
const around = fc.array(harmless, { maxLength: 4 })
const fields = (entries: Record<string, string>): fc.Arbitrary<Record<string, string>> =>
  fc.subarray(Object.entries(entries)).map((some) => Object.fromEntries(some))
const url = fc
  .tuple(
    fc.constantFrom('http', 'https'),
    fc.constantFrom('a.test', 'b.test'),
    fc.constantFrom('/', '/a', '/%61', '/a/'),
    fc.constantFrom('', '?', '?a=1&b=2', '?b=2&a=1'),
  )
  .map(([scheme, ...rest]) => `${scheme}://${rest.join('')}`)
const requestFields = fields({ accept: 'a', 'accept-language': 'de', 'x-forwarded-host': 'c.test', 'if-none-match': '"a"' })
const status = fc.constantFrom(200, 203, 301, 404, 500)

test('a response marked private or no-store, with Set-Cookie, or to an authorised request is never stored', () => {
  const guilty = fc.oneof(
    fc
      .tuple(around, forbidding, around)
      .map(([before, one, after]) => ({ response: { 'cache-control': [...before, one, ...after].join(', ') }, request: {} })),
    around.map((some) => ({ response: { 'cache-control': some.join(', '), 'set-cookie': 'id=1' }, request: {} })),
    around.map((some) => ({
      response: { 'cache-control': some.filter((one) => !one.startsWith('s-')).join(', ') },
      request: { authorization: 'Basic x' },
    })),
    fc.tuple(around, forbidding).map(([some, one]) => ({ response: { 'cdn-cache-control': one, 'cache-control': some.join(', ') }, request: {} })),
    around.map((some) => ({ response: { 'cache-control': some.join(', ') }, request: { cookie: 'id=1' } })),
  )
  fc.assert(
    fc.property(
      url,
      status,
      requestFields,
      fields({ etag: '"a"', vary: 'accept', expires: '0' }),
      guilty,
      (where, code, request, response, guilt) => {
        const exchange = { url: where, status: code, request: { ...request, ...guilt.request }, response: { ...response, ...guilt.response } }
        expect(storedUnder(exchange), JSON.stringify(exchange)).toBeUndefined()
      },
    ),
    { numRuns: 2000 },
  )
})

test('two requests that differ in scheme, host, path, query or a varied field never share a response', () => {
  const exchange = fc.record({
    url,
    status,
    request: requestFields,
    response: fc.constantFrom('accept', 'accept, accept-language', '').map((vary) => ({ 'cache-control': 'max-age=60', vary })),
  })
  let compared = 0
  fc.assert(
    fc.property(exchange, exchange, (one, other) => {
      const key = storedUnder(one)
      const twin = storedUnder({ ...other, response: one.response })
      if (key === undefined || twin === undefined) return
      compared += 1
      const names = one.response.vary.split(', ').filter(Boolean)
      const isSame = one.url === other.url && names.every((name) => one.request[name] === other.request[name])
      expect(key === twin).toBe(isSame)
    }),
    { numRuns: 2000 },
  )
  expect(compared).toBeGreaterThan(100)
})
