import { asked, type Case, failing, fresh, never, shows, stale, stored } from './case.ts'

const full = (one: Case): Case => ({ ...one, only: 'full' })
const safe = (one: Case): Case => ({ ...one, only: 'safe' })
const cc = (value: string): Readonly<Record<string, string>> => ({ 'cache-control': value })
const longAgo = { ...fresh, age: '50' }

/** RFC 9111, sections 4.4 and 5.2: invalidation, and what either side may demand. */
export const DIRECTIVES: readonly Case[] = [
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE'].map((method) =>
    shows('RFC 9111 §4.4', `a ${method} that succeeds invalidates its URL`, asked(fresh), stored(), asked({}, { method }), asked(fresh)),
  ),
  shows(
    'RFC 9111 §4.4',
    'one that redirects does so too',
    asked(fresh),
    asked({ location: '/c' }, { method: 'POST', status: 303, answer: 303 }),
    asked(fresh),
  ),
  ...[404, 500].map((status) =>
    shows(
      'RFC 9111 §4.4',
      `one that fails with ${status} invalidates nothing`,
      asked(fresh),
      asked({}, { method: 'POST', status, answer: status }),
      stored(),
    ),
  ),
  shows('RFC 9111 §4.4', 'a safe method invalidates nothing', asked(fresh), asked({}, { method: 'OPTIONS' }), stored()),
  shows(
    'RFC 9111 §4.4',
    'every variant is invalidated',
    asked({ ...fresh, vary: 'X-A' }, { ask: { 'x-a': '1' } }),
    asked({ ...fresh, vary: 'X-A' }, { ask: { 'x-a': '2' } }),
    asked({}, { method: 'POST', ask: { 'x-a': '1' } }),
    asked(fresh, { ask: { 'x-a': '2' } }),
  ),
  ...['location', 'content-location'].map((field) =>
    shows(
      'RFC 9111 §4.4',
      `a ${field} of the same origin is invalidated too, and none of another`,
      asked(fresh, { path: '/b' }),
      asked({ [field]: 'http://other.test/b' }, { method: 'POST' }),
      stored({ path: '/b' }),
      asked({ [field]: '/b' }, { method: 'POST' }),
      asked(fresh, { path: '/b' }),
    ),
  ),
  full(shows('RFC 9111 §5.2.1.1', 'max-age of a request refuses what is older', asked(longAgo), asked(longAgo, { ask: cc('max-age=40') }), stored())),
  full(shows('RFC 9111 §5.2.1.2', 'max-stale takes what is stale', asked({ ...fresh, age: '70', etag: '"a"' }), stored({ ask: cc('max-stale=60') }))),
  full(shows('RFC 9111 §5.2.1.3', 'min-fresh refuses what is soon stale', asked(longAgo), asked(longAgo, { ask: cc('min-fresh=20') }))),
  full(shows('RFC 9111 §5.2.1.4', 'no-cache of a request asks the handler', asked(fresh), asked(fresh, { ask: cc('no-cache') }), stored())),
  safe(shows('RFC 9111 §5.2.1', 'a client forces no reload where the operator does not let it', asked(fresh), stored({ ask: cc('no-cache') }))),
  shows('RFC 9111 §5.2.1.7', 'only-if-cached is 504 where nothing is stored', stored({ ask: cc('only-if-cached'), answer: 504 })),
  shows('RFC 9111 §5.2.1.7', 'and is answered where something is', asked(fresh), stored({ ask: cc('only-if-cached') })),
  never('RFC 9111 §5.2.2.4', 'no-cache is not used without validation', cc('max-age=60, no-cache')),
  shows(
    'RFC 9111 §5.2.2.4',
    'no-cache is used where validation confirms it',
    asked({ ...cc('max-age=60, no-cache'), etag: '"a"' }),
    asked({ ...cc('max-age=60, no-cache'), etag: '"a"' }, { status: 304, answer: 200, given: { 'if-none-match': '"a"' } }),
  ),
  ...(
    [
      ['RFC 9111 §5.2.2.2', 'must-revalidate', cc('max-age=0, must-revalidate, stale-if-error=60')],
      ['RFC 9111 §5.2.2.8', 'proxy-revalidate', cc('max-age=0, proxy-revalidate, stale-if-error=60')],
      ['RFC 9111 §5.2.2.10', 's-maxage', cc('s-maxage=0, stale-if-error=60')],
    ] as const
  ).flatMap(([section, name, say]) => [
    shows(section, `with ${name} nothing stale stands in for an error`, asked({ ...say, etag: '"a"' }), failing(503)),
    shows(section, `with ${name} a handler that cannot be reached is 504`, asked({ ...say, etag: '"a"' }), {
      isThrown: true,
      isAsked: true,
      answer: 504,
    }),
  ]),
  shows('RFC 9111 §5.2.2.2', 'must-revalidate is used while it is fresh', asked(cc('max-age=60, must-revalidate')), stored()),
  shows('RFC 9111 §5.4', 'Pragma of a response forbids nothing', asked({ ...fresh, pragma: 'no-cache' }), stored()),
  never('RFC 9111 §5.2.2.1', 'what is stale at once is not used', stale),
]
