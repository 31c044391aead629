import { asked, BODY, type Case, dateIn, failing, fresh, never, past, reused, shows, stale, stored } from './case.ts'

const tenSecondsAgo = dateIn(-10)

/** RFC 9111, sections 4 to 4.2.4 and 5: when a stored response answers. */
export const REUSE: readonly Case[] = [
  shows('RFC 9111 §4', 'a stored response says its age', asked({ ...fresh, age: '30' }), stored({ has: { age: /^3\d$/ } })),
  shows(
    'RFC 9111 §4',
    'its Date stays, and counts as age',
    asked({ 'cache-control': 'max-age=3600', date: tenSecondsAgo }),
    stored({ has: { date: tenSecondsAgo, age: /^[1-9]\d+$/ } }),
  ),
  shows('RFC 9111 §4', 'a HEAD is answered from a stored GET', asked(fresh), stored({ method: 'HEAD', has: { 'content-length': `${BODY.length}` } })),
  shows('RFC 9111 §4', 'a GET is not answered from a HEAD', asked(fresh, { method: 'HEAD' }), asked(fresh)),
  shows(
    'RFC 9111 §4.1',
    'fields that Vary names select',
    asked({ ...fresh, vary: 'X-A' }, { ask: { 'x-a': '1' } }),
    asked({ ...fresh, vary: 'X-A' }, { ask: { 'x-a': '2' } }),
    asked({ ...fresh, vary: 'X-A' }),
    stored({ ask: { 'x-a': '1', 'x-b': '3' } }),
    stored({ ask: { 'x-a': '2' } }),
    stored(),
  ),
  shows(
    'RFC 9111 §4.1',
    'all of the fields have to match',
    asked({ ...fresh, vary: 'x-a, X-B' }, { ask: { 'x-a': '1', 'x-b': '1' } }),
    asked({ ...fresh, vary: 'x-a, X-B' }, { ask: { 'x-a': '1', 'x-b': '2' } }),
    stored({ ask: { 'x-a': '1', 'x-b': '1' } }),
  ),
  shows(
    'RFC 9111 §4.1',
    'a field that was not there matches none that is',
    asked({ ...fresh, vary: 'X-A' }),
    asked({ ...fresh, vary: 'X-A' }, { ask: { 'x-a': '1' } }),
  ),
  never('RFC 9111 §4.1', 'Vary with an asterisk matches nothing', { ...fresh, vary: 'X-A, *' }),
  reused('RFC 9111 §4.2.1', 's-maxage goes before max-age', { 'cache-control': 'max-age=0, s-maxage=60' }),
  never('RFC 9111 §4.2.1', 's-maxage goes before max-age where it is less', { 'cache-control': 'max-age=60, s-maxage=0' }),
  never('RFC 9111 §4.2.1', 'max-age goes before Expires', { ...stale, expires: dateIn(3_600) }),
  reused('RFC 9111 §4.2.1', 'Expires will do', { expires: dateIn(3_600) }),
  never('RFC 9111 §4.2.1', 'a directive that comes twice with two values is stale', { 'cache-control': 'max-age=60, max-age=0' }),
  never('RFC 9111 §4.2.1', 'a lifetime that is no number is stale', { 'cache-control': 'max-age=1h', expires: dateIn(3_600) }),
  reused('RFC 9111 §1.2.2', 'a lifetime beyond what a number holds is long', { 'cache-control': 'max-age=99999999999999999999' }),
  never('RFC 9111 §1.2.2', 'so is an age', { ...fresh, age: '99999999999999999999' }),
  never('RFC 9111 §4.2.2', 'where nothing is said nothing is guessed', {}),
  never('RFC 9111 §4.2.3', 'an age beyond the lifetime is stale', { ...fresh, age: '60' }),
  never('RFC 9111 §4.2.3', 'a Date before the lifetime is stale', { ...fresh, date: dateIn(-120) }),
  shows('RFC 9111 §4.2.4', 'a stale response that allows nothing does not stand in for an error', asked({ ...stale, etag: '"a"' }), failing(503)),
  never('RFC 9111 §5.3', 'Expires in the past is stale', { expires: past }),
  never('RFC 9111 §5.3', 'an Expires that is no date is stale', { expires: '0' }),
  never('RFC 9111 §5.3', 'an Expires in another form of date is stale', { expires: new Date(Date.now() + 3_600_000).toISOString() }),
]
