import { asked, type Case, fresh, never, reused, shows, stored } from './case.ts'

const basic = { authorization: 'Basic eA==' }

/** RFC 9111, section 3: what is stored, and what of it. */
export const STORING: readonly Case[] = [
  reused('RFC 9111 §3', 'a response with explicit freshness is stored', fresh),
  reused('RFC 9111 §3', 'so is one of another status', fresh, { status: 404, answer: 404 }),
  reused('RFC 9111 §3', 'so is a redirect', { ...fresh, location: '/b' }, { status: 302, answer: 302 }),
  never('RFC 9111 §3', 'nothing is stored that says no-store', { 'cache-control': 'max-age=60, NO-STORE' }),
  never('RFC 9111 §3', 'nothing is stored that says private', { 'cache-control': 'private, max-age=60' }),
  never('RFC 9111 §3', 'nothing is stored where no-store is written with a value', { 'cache-control': 'max-age=60, no-store=1' }),
  never('RFC 9111 §3', 'a request that says no-store leaves nothing', fresh, { ask: { 'cache-control': 'no-store' } }),
  never('RFC 9111 §3', 'an answer to a POST is not used for another', fresh, { method: 'POST' }),
  shows('RFC 9111 §3', 'an answer to a POST is not used for a GET', asked(fresh, { method: 'POST' }), asked(fresh)),
  shows('RFC 9111 §3', 'the query is a part of the URL', asked(fresh, { path: '/a?b=1' }), asked(fresh, { path: '/a?b=2' }), asked(fresh)),
  never('RFC 9111 §3', 'a response with Set-Cookie is not stored', { ...fresh, 'set-cookie': 'a=b' }),
  reused('RFC 9111 §3.1', 'fields that nobody knows are stored along', { ...fresh, 'x-a': '1' }, { has: { 'x-a': '1' } }),
  shows(
    'RFC 9111 §3.1',
    'what was meant for a proxy is not',
    asked({ ...fresh, 'proxy-authentication-info': 'x' }),
    stored({ has: { 'proxy-authentication-info': null } }),
  ),
  never('RFC 9111 §3.3', 'a part is not stored as if it were the whole', { ...fresh, 'content-range': 'bytes 0-3/10' }, { status: 206, answer: 206 }),
  never('RFC 9111 §3.5', 'an answer to Authorization is not stored by itself', fresh, { ask: basic }),
  ...['public, max-age=60', 's-maxage=60', 'max-age=60, must-revalidate'].map((value) =>
    reused('RFC 9111 §3.5', `an answer to Authorization is stored with ${value}`, { 'cache-control': value }, { ask: basic }),
  ),
  shows(
    'RFC 9111 §3.5',
    'one that is public answers who has no Authorization too',
    asked({ 'cache-control': 'public, max-age=60' }, { ask: basic }),
    stored(),
  ),
  reused('RFC 9111 §5.2.2.3', 'must-understand goes before no-store where the status is known', {
    'cache-control': 'must-understand, no-store, max-age=60',
  }),
  never(
    'RFC 9111 §5.2.2.3',
    'no-store holds where the status is not known',
    { 'cache-control': 'must-understand, no-store, max-age=60' },
    { status: 299, answer: 299 },
  ),
  shows(
    'RFC 9111 §5.2.2.4',
    'a field that no-cache names is left out',
    asked({ 'cache-control': 'max-age=60, no-cache="x-a"', 'x-a': '1', 'x-b': '2' }),
    stored({ has: { 'x-a': null, 'x-b': '2' } }),
  ),
  shows(
    'RFC 9111 §5.2.2.7',
    'a field that private names is left out',
    asked({ 'cache-control': 'max-age=60, private="x-a"', 'x-a': '1', 'x-b': '2' }),
    stored({ has: { 'x-a': null, 'x-b': '2' } }),
  ),
  reused('RFC 9111 §5.2.3', 'what stands in a quoted string is no directive', { 'cache-control': 'max-age=60, x-a="1, no-store, b"' }),
]
