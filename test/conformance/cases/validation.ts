import { asked, type Case, dateIn, failing, fresh, shows, stale, stored } from './case.ts'

const hourAgo = dateIn(-3_600)

/** RFC 9111, section 4.3: validation, and what the client asks on a condition. */
export const VALIDATION: readonly Case[] = [
  shows(
    'RFC 9111 §4.3.1',
    'a stale response is validated with its ETag, and answers where it is confirmed',
    asked({ ...stale, etag: '"a"' }),
    asked({ ...fresh, etag: '"a"' }, { status: 304, answer: 200, given: { 'if-none-match': '"a"' }, has: { etag: '"a"' } }),
    stored(),
  ),
  shows(
    'RFC 9111 §4.3.1',
    'and with its Last-Modified',
    asked({ ...stale, 'last-modified': hourAgo }),
    asked(fresh, { status: 304, answer: 200, given: { 'if-modified-since': hourAgo } }),
    stored(),
  ),
  shows(
    'RFC 9111 §4.3.1',
    'the condition of a client is not the one that validates',
    asked({ ...stale, etag: '"a"' }),
    asked({ ...fresh, etag: '"a"' }, { ask: { 'if-none-match': '"b"' }, status: 304, answer: 200, given: { 'if-none-match': '"a"' } }),
  ),
  shows(
    'RFC 9111 §4.3.2',
    'a condition of the client is answered from the store',
    asked({ ...fresh, etag: '"a"' }),
    stored({ ask: { 'if-none-match': 'W/"a"' }, answer: 304 }),
    stored({ ask: { 'if-none-match': '"b"' } }),
  ),
  shows(
    'RFC 9111 §4.3.2',
    'one of several tags will do, and an asterisk',
    asked({ ...fresh, etag: '"a"' }),
    stored({ ask: { 'if-none-match': '"b", "a"' }, answer: 304 }),
    stored({ ask: { 'if-none-match': '*' }, answer: 304 }),
  ),
  shows(
    'RFC 9111 §4.3.2',
    'If-Modified-Since is answered by Last-Modified',
    asked({ ...fresh, 'last-modified': hourAgo }),
    stored({ ask: { 'if-modified-since': hourAgo }, answer: 304 }),
    stored({ ask: { 'if-modified-since': dateIn(-7_200) } }),
  ),
  shows(
    'RFC 9111 §4.3.2',
    'If-None-Match goes before If-Modified-Since',
    asked({ ...fresh, etag: '"a"', 'last-modified': hourAgo }),
    stored({ ask: { 'if-none-match': '"b"', 'if-modified-since': hourAgo } }),
  ),
  shows(
    'RFC 9111 §4.3.3',
    'a whole answer to a validation takes the place of what was stored',
    asked({ ...stale, etag: '"a"' }),
    asked({ ...fresh, etag: '"b"' }, { has: { etag: '"b"' } }),
    stored({ has: { etag: '"b"' } }),
  ),
  shows(
    'RFC 9111 §4.3.3',
    'an error in answer to one does not',
    asked({ ...stale, etag: '"a"' }),
    failing(503),
    asked({ ...fresh, etag: '"a"' }, { status: 304, answer: 200, given: { 'if-none-match': '"a"' } }),
  ),
  shows(
    'RFC 9111 §4.3.4',
    'a 304 replaces stored fields, and leaves those that it does not name',
    asked({ ...stale, etag: '"a"', 'x-a': '1', 'x-b': '1' }),
    asked({ ...fresh, etag: '"a"', 'x-a': '2' }, { status: 304, answer: 200, has: { 'x-a': '2', 'x-b': '1' } }),
    stored({ has: { 'x-a': '2', 'x-b': '1' } }),
  ),
  shows(
    'RFC 9111 §3.2',
    'a 304 says nothing of how what is stored is encoded',
    asked({ ...stale, etag: '"a"' }),
    asked({ ...fresh, etag: '"a"', 'content-encoding': 'x-a' }, { status: 304, answer: 200, has: { 'content-encoding': null } }),
    stored({ has: { 'content-encoding': null } }),
  ),
]
