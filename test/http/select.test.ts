import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BELIEVED } from '../../src/http/request-fields.ts'
import { bypassReason, type BypassOptions } from '../../src/http/bypass.ts'
import { hashText, keyText, parseTarget, type Target } from '../../src/http/key.ts'
import { cookieSelector, matchesVary, parseCookies, selectingValues, selectorsOf, variantText } from '../../src/http/vary.ts'
import { givenStored } from './given.ts'

function target(url: string): Target {
  const parsed = parseTarget(url)
  if (parsed === undefined) throw new Error(url)
  return parsed
}

describe('the key', () => {
  test('takes path and query as received', () => {
    expect(target('http://Host:80/a/../b%2F//?b=2&a=1&a=1')).toEqual({
      scheme: 'http',
      host: 'Host:80',
      path: '/a/../b%2F//',
      query: '?b=2&a=1&a=1',
    })
    for (const url of ['ftp://a/', '/a', 'http://user@a/', 'http://a\\b/', 'http:///a', 'http://a/x#y']) expect(parseTarget(url)).toBeUndefined()
  })
  test('differs wherever scheme, host, path or query differ', () => {
    const part = fc.record({
      scheme: fc.constantFrom('http', 'https'),
      host: fc.constantFrom('a', 'a:80', 'b'),
      path: fc.stringMatching(/^\/["\\,a/%]{0,4}$/),
      query: fc.stringMatching(/^(\?["\\,a&=]{0,4})?$/),
    })
    fc.assert(
      fc.property(part, part, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect(keyText('', one) === keyText('', other)).toBe(isSame)
      }),
    )
  })
  test('counts only the parameters that are allowed, in their order, and keeps duplicates', () => {
    const key = (query: string): string => keyText('', target(`http://a/${query}`), { allowQuery: ['q', 'a b'] })
    expect(key('?q=1&utm=2')).toBe(key('?utm=3&q=1'))
    expect(key('?a+b=1')).not.toBe(key(''))
    expect(key('?%71=1')).not.toBe(key(''))
    expect(key('?q=1&q=2')).not.toBe(key('?q=2&q=1'))
    expect(key('?q=1%26q=2')).not.toBe(key('?q=1&q=2'))
    expect(key('?q=1,q=2')).not.toBe(key('?q=1&q=2'))
    expect(key('?%zz=1')).toBe(key(''))
  })
  test('of the caller stands for path and query, never for the host', () => {
    expect(keyText('', target('http://a/x'), { key: 'k' })).toBe(keyText('', target('http://a/y?z'), { key: 'k' }))
    expect(keyText('', target('http://a/x'), { key: 'k' })).not.toBe(keyText('', target('http://b/x'), { key: 'k' }))
    expect(keyText('', target('http://a/x'), { key: '/x' })).not.toBe(keyText('', target('http://a/x')))
  })
  test('is hashed with SHA-256', async () => {
    expect(await hashText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})

describe('variants', () => {
  test('are selected by the fields of Vary and the declared ones, and by the coding where Vary forgets it', () => {
    expect(selectorsOf(new Headers({ vary: 'B, a' }), ['c'])).toEqual(['a', 'b', 'c'])
    expect(selectorsOf(new Headers({ 'content-encoding': 'gzip' }), [])).toEqual(['accept-encoding'])
  })
  test('an absent field and an empty one are two things, and so are all values that differ', () => {
    const stored = givenStored({}, { vary: [['a', null]] })
    expect(matchesVary(stored, new Headers())).toBe(true)
    expect(matchesVary(stored, new Headers({ a: '' }))).toBe(false)
    const value = fc.option(fc.stringMatching(/^[a", \\]{0,4}$/).map((text) => text.trim()))
    fc.assert(
      fc.property(value, value, value, value, (a, b, c, d) => {
        const headers = (one: string | null, other: string | null): Headers =>
          new Headers([...(one === null ? [] : [['a', one]]), ...(other === null ? [] : [['b', other]])] as [string, string][])
        const text = (one: string | null, other: string | null): string => variantText('k', selectingValues(headers(one, other), ['a', 'b']))
        expect(text(a, b) === text(c, d)).toBe(a === c && b === d)
      }),
    )
  })
  test('a declared cookie selects by all its values as received', () => {
    const of = (cookie: string): string => variantText('k', selectingValues(new Headers({ cookie }), [cookieSelector('t')]))
    expect(of('t=1; x=2')).toBe(of('x=3; t=1'))
    expect(of('t=1; t=2')).not.toBe(of('t=2; t=1'))
    expect(of('x=1')).not.toBe(of('t='))
    expect(of('t=1,2')).not.toBe(of('t=1,3'))
    expect(parseCookies(new Headers())).toEqual([])
  })
})

describe('a request goes past the cache', () => {
  const url = 'https://shop.test/cart?x=1'
  const options: BypassOptions = { vary: [], cookies: [], ignoreCookies: [], believedHeaders: new Set(BELIEVED) }
  const reason = (headers: Record<string, string>, more: Partial<BypassOptions> = {}): string | undefined =>
    bypassReason(new Request(url, { headers }), target(url), { ...options, ...more })

  test.each([
    ['x-forwarded-host', 'evil.test', 'shop.test'],
    ['x-host', 'evil.test', 'shop.test'],
    ['x-forwarded-proto', 'http', 'https'],
    ['x-forwarded-port', '80', '443'],
    ['x-original-url', '/admin', '/cart?x=1'],
    ['x-rewrite-url', '/admin', '/cart?x=1'],
    ['x-http-method-override', 'POST', 'GET'],
    ['forwarded', 'for=1.2.3.4;host=evil.test', 'for="[::1]";host=shop.test;proto=https, by=x'],
    ['forwarded', 'proto=http', 'for=_hidden'],
  ])('where %s says %s, not where it says %s', (name, other, same) => {
    expect(reason({ [name]: other })).toBe('override')
    expect(reason({ [name]: same })).toBeUndefined()
    expect(reason({ [name]: other }, { vary: [name] })).toBeUndefined()
  })
  test('where it carries a body, a precondition or an unknown range unit', () => {
    expect(reason({ 'content-length': '3' })).toBe('body')
    expect(reason({ 'content-length': '0' })).toBeUndefined()
    expect(reason({ 'if-match': '"a"' })).toBe('precondition')
    expect(reason({ range: 'items=0-5' })).toBe('range-unit')
    expect(reason({ range: 'bytes=0-5' })).toBeUndefined()
  })
  test('where it carries a cookie that is neither declared nor ignored', () => {
    expect(reason({ cookie: 'a=1' })).toBe('cookie')
    expect(reason({ cookie: 'a=1' }, { cookies: ['a'] })).toBeUndefined()
    expect(reason({ cookie: 'a=1; b=2' }, { cookies: ['a'] })).toBe('cookie')
    expect(reason({ cookie: 'a=1; b=2' }, { cookies: ['a'], ignoreCookies: ['b'] })).toBeUndefined()
    expect(reason({ cookie: 'b=1, session=2' }, { ignoreCookies: ['b'] })).toBe('cookie')
    expect(reason({ cookie: 'anything' }, { ignoreCookies: true })).toBeUndefined()
    expect(reason({ cookie: 'a=1' }, { vary: ['cookie'] })).toBeUndefined()
  })
})
