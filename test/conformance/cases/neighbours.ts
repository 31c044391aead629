import { asked, type Case, dateIn, failing, fresh, never, reused, shows, stored } from './case.ts'

const old = (windows: string, age: number): Readonly<Record<string, string>> => ({
  'cache-control': `max-age=10, ${windows}`,
  age: `${age}`,
  etag: '"a"',
})
const targeted = (value: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  'cdn-cache-control': value,
  ...more,
})
const status = (value: RegExp): { readonly has: { readonly 'cache-status': RegExp } } => ({ has: { 'cache-status': value } })

/** What stands beside RFC 9111: ranges, stale windows, targeted fields, what is told, groups. */
export const NEIGHBOURS: readonly Case[] = [
  shows(
    'RFC 5861 §3',
    'stale-while-revalidate answers stale, and the next request has what is fresh',
    asked(old('stale-while-revalidate=60', 20)),
    { say: fresh, isAsked: 'behind' },
    stored({ has: { age: /^\d$/ } }),
  ),
  shows('RFC 5861 §3', 'beyond its window it does not', asked(old('stale-while-revalidate=5', 20)), asked(fresh)),
  shows('RFC 5861 §4', 'stale-if-error stands in for an error', asked(old('stale-if-error=60', 20)), failing(200)),
  shows('RFC 5861 §4', 'and for a handler that throws', asked(old('stale-if-error=60', 20)), { isThrown: true, isAsked: true }),
  shows('RFC 5861 §4', 'beyond its window it does not', asked(old('stale-if-error=5', 20)), failing(503)),
  shows('RFC 5861 §4', 'a 404 is an answer and no such error', asked(old('stale-if-error=60', 20)), asked({}, { status: 404, answer: 404 })),
  reused('RFC 9213 §2.2', 'a targeted field goes before Cache-Control', targeted('max-age=60', { 'cache-control': 'no-store' })),
  never('RFC 9213 §2.2', 'a targeted field forbids what Cache-Control allows', targeted('no-store', fresh)),
  reused('RFC 9213 §2.2', 'a targeted field goes before Expires', targeted('max-age=60', { expires: dateIn(-60) })),
  never('RFC 9213 §2.2', 'a targeted lifetime of nothing goes before one of Cache-Control', targeted('max-age=0', fresh)),
  reused('RFC 9213 §2.1', 'one that cannot be parsed is as if it were not there', targeted('max-age=', fresh)),
  reused('RFC 9213 §2.1', 'it passes on', targeted('max-age=60'), { has: { 'cdn-cache-control': 'max-age=60' } }),
  shows(
    'RFC 9110 §14',
    'a range of a stored response is a part of it, one beyond its end is 416, an If-Range that differs the whole',
    asked({ ...fresh, etag: '"a"' }),
    stored({ ask: { range: 'bytes=0-1' }, answer: 206, body: 'bo', has: { 'content-length': '2', 'content-range': 'bytes 0-1/4' } }),
    stored({ ask: { range: 'bytes=100-' }, answer: 416, body: '', has: { 'content-range': 'bytes */4' } }),
    stored({ ask: { range: 'bytes=0-1', 'if-range': '"b"' } }),
    stored({ ask: { range: 'bytes=0-1', 'if-range': '"a"' }, answer: 206, body: 'bo' }),
  ),
  shows(
    'RFC 9110 §14',
    'a range may have no end, or count from there',
    asked(fresh),
    stored({ ask: { range: 'bytes=2-' }, answer: 206, body: 'dy' }),
    stored({ ask: { range: 'bytes=-1' }, answer: 206, body: 'y' }),
    stored({ ask: { range: 'bytes=1-100' }, answer: 206, body: 'ody' }),
  ),
  shows(
    'RFC 9110 §14',
    'a range that makes no sense is none, and a unit that nobody knows goes to the handler',
    asked(fresh),
    stored({ ask: { range: 'bytes=3-1' } }),
    asked(fresh, { ask: { range: 'lines=0-1' } }),
  ),
  shows(
    'RFC 9110 §13.1.5',
    'a weak tag does not confirm a range',
    asked({ ...fresh, etag: 'W/"a"' }),
    stored({ ask: { range: 'bytes=0-1', 'if-range': 'W/"a"' } }),
  ),
  shows('RFC 9211 §2.1', 'a hit says so, with what is left of its life', asked(fresh), stored(status(/; hit; ttl=\d+$/))),
  shows(
    'RFC 9211 §2.2',
    'who was not answered is told why',
    asked({ ...fresh, vary: 'X-A' }, status(/; fwd=uri-miss; fwd-status=200; ttl=\d+; stored$/)),
    asked({ 'cache-control': 'max-age=0', etag: '"b"', vary: 'X-A' }, { ask: { 'x-a': '1' }, ...status(/; fwd=vary-miss;/) }),
    asked(fresh, { ask: { 'x-a': '1' }, ...status(/; fwd=stale;/) }),
    asked({}, { method: 'POST', ...status(/; fwd=method;/) }),
    asked({}, { path: '/c', ask: { cookie: 'session=1' }, ...status(/; fwd=bypass;/) }),
  ),
  shows(
    'RFC 9875 §3',
    'a group is invalidated by who names it, and no other',
    asked({ ...fresh, 'cache-groups': '"g", "h"' }),
    asked({ 'cache-group-invalidation': '"i"' }, { method: 'POST', path: '/b' }),
    stored(),
    asked({ 'cache-group-invalidation': '"h"' }, { method: 'POST', path: '/b' }),
    asked(fresh),
  ),
  shows(
    'RFC 9875 §3',
    'a safe method invalidates no group',
    asked({ ...fresh, 'cache-groups': '"g"' }),
    asked({ 'cache-group-invalidation': '"g"' }, { path: '/b' }),
    stored(),
  ),
]
