import type { Expected, FaultRow } from './support/outage.ts'
import { byBackend, byGateway, byNetwork, byRedirect } from './support/http-outage.ts'

/** The runtime whose requests are sent by the user's own client. */
export const BY_CLIENT = 'Node, by a client of @upstash/redis'

/** What the facade makes of an outage: a reason, no confirmed write, and the memory of it, after one request. */
function outage(read: Expected['read'], more: Partial<Expected> = {}): Expected {
  return { read, write: false, isRemembered: true, attempts: 1, ...more }
}
/** Told by the other side, so that nobody waits. */
const AT_ONCE = { isImmediate: true } as const
/** The body was read to its end: the runtime keeps the connection, and only the answer is of no use. */
const READ = { isImmediate: true, isKept: true } as const
const GIVEN_UP = { phase: 'command' } as const

/** ms. Longer than over TCP: a request costs more, and a machine that tests are run on is busy. */
const TIMEOUT = 800

const ROWS: readonly FaultRow[] = [
  // Nobody there.
  { name: 'refused', onset: 'cold', start: byNetwork('refuse'), expected: outage(['unreachable'], { ...AT_ONCE, phase: 'command' }) },
  {
    name: 'every SYN is dropped',
    onset: 'cold',
    start: byNetwork('blackhole'),
    expected: outage(['timeout'], GIVEN_UP),
  },
  { name: 'reset at once', onset: 'cold', start: byNetwork('reset'), expected: outage(['unreachable'], { ...AT_ONCE, phase: 'command' }) },
  { name: 'reset under the request', onset: 'cold', start: byGateway('reset'), expected: outage(['unreachable'], { ...AT_ONCE, phase: 'command' }) },
  {
    name: 'reset in the middle',
    onset: 'warm',
    start: byGateway('reset'),
    // A connection kept from before may have died meanwhile: one fresh try.
    expected: outage(['unreachable'], { ...AT_ONCE, phase: 'command', dials: 2, attempts: 2 }),
  },

  // There, and silent or slow.
  { name: 'accepts and stays silent', onset: 'cold', start: byNetwork('silent'), expected: outage(['timeout'], GIVEN_UP) },
  { name: 'no headers', onset: 'cold', start: byGateway('noHeaders'), expected: outage(['timeout'], GIVEN_UP) },
  { name: 'no headers in the middle', onset: 'warm', start: byGateway('noHeaders'), expected: outage(['timeout'], GIVEN_UP) },
  { name: 'two seconds an answer', onset: 'cold', start: byGateway('slow'), expected: outage(['timeout'], GIVEN_UP) },

  // Half an answer.
  { name: 'the body hangs', onset: 'cold', start: byGateway('bodyStops'), expected: outage(['timeout'], GIVEN_UP) },
  { name: 'the body hangs in the middle', onset: 'warm', start: byGateway('bodyStops'), expected: outage(['timeout'], GIVEN_UP) },
  { name: 'the body breaks off', onset: 'cold', start: byGateway('bodyBreaks'), expected: outage(['unreachable'], { ...AT_ONCE, phase: 'command' }) },

  // Upstash, and it says no.
  { name: '500', onset: 'cold', start: byGateway('500'), expected: outage(['reply'], AT_ONCE) },
  { name: '500 in the middle', onset: 'warm', start: byGateway('500'), expected: outage(['reply'], AT_ONCE) },
  { name: '429', onset: 'cold', start: byGateway('429'), expected: outage(['reply'], AT_ONCE) },
  {
    name: '401',
    onset: 'cold',
    start: byGateway('401'),
    expected: outage(['auth'], AT_ONCE),
    // It throws the status away, and the body does not say so.
    expectedIn: { [BY_CLIENT]: { read: ['reply'] } },
  },
  { name: 'a Redis behind it that is away', onset: 'cold', start: byBackend('refuse'), expected: outage(['reply'], AT_ONCE) },

  // Not Upstash.
  {
    name: 'garbage',
    onset: 'cold',
    start: byNetwork('garbage'),
    expected: outage(['protocol'], { ...AT_ONCE, phase: 'command' }),
    // Its fetch tells nothing but "internal error".
    expectedIn: { workerd: { read: ['unreachable'] } },
  },
  { name: 'an HTML page', onset: 'cold', start: byGateway('html'), expected: outage(['protocol'], AT_ONCE) },
  { name: 'bad JSON', onset: 'cold', start: byGateway('badJson'), expected: outage(['protocol'], READ) },
  { name: 'JSON of the wrong shape', onset: 'cold', start: byGateway('wrongShape'), expected: outage(['protocol'], READ) },
  {
    name: 'a redirect loop',
    onset: 'cold',
    start: byGateway('redirectLoop'),
    expected: outage(['protocol'], AT_ONCE),
    expectedIn: { [BY_CLIENT]: { read: ['unreachable'], phase: 'command', attempts: 21 } },
  },
  {
    name: 'a redirect to somebody else',
    onset: 'cold',
    start: byRedirect(),
    expected: outage(['protocol'], AT_ONCE),
    notIn: { [BY_CLIENT]: 'it follows redirects, as the docstring of upstash() says' },
  },
]

/** Every fault of Upstash over HTTP: how it is made, and what is expected of it. */
export const HTTP_FAULTS: readonly FaultRow[] = ROWS.map((row) => ({ timeout: TIMEOUT, ...row }))
