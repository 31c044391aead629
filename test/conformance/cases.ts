/** One exchange, and what must come of it. */
export interface Step {
  readonly method?: string
  readonly path?: string
  readonly ask?: Record<string, string>
  /** What the handler says where it is asked. */
  readonly say?: Record<string, string>
  readonly status?: number
  /** Whether the handler is asked. */
  readonly isAsked: boolean
  /** What the client has. Default: 200. */
  readonly answer?: number
  /** Fields of the answer; null for one that must not be there. */
  readonly has?: Record<string, string | null>
}

/** A requirement of a shared cache, as a sentence, and exchanges about one URL that show it. */
export interface Case {
  readonly section: string
  readonly requirement: string
  readonly steps: readonly Step[]
}

const fresh = { 'cache-control': 'max-age=60' }
const asked = (say: Record<string, string>, more: Partial<Step> = {}): Step => ({ say, isAsked: true, ...more })
const stored = (more: Partial<Step> = {}): Step => ({ isAsked: false, ...more })
const past = new Date(0).toUTCString()

/** The response to a first request is not used for a second one. */
const never = (section: string, requirement: string, say: Record<string, string>, ask: Record<string, string> = {}): Case => ({
  section,
  requirement,
  steps: [asked(say, { ask }), asked(say, { ask })],
})
const reused = (section: string, requirement: string, say: Record<string, string>, ask: Record<string, string> = {}): Case => ({
  section,
  requirement,
  steps: [asked(say, { ask }), stored({ ask })],
})

export const CASES: readonly Case[] = [
  reused('RFC 9111 §3', 'a response with explicit freshness is stored', fresh),
  never('RFC 9111 §3', 'nothing is stored that says no-store', { 'cache-control': 'max-age=60, NO-STORE' }),
  never('RFC 9111 §3', 'nothing is stored that says private', { 'cache-control': 'private, max-age=60' }),
  never('RFC 9111 §3', 'a request that says no-store leaves nothing', fresh, { 'cache-control': 'no-store' }),
  never('RFC 9111 §3.5', 'an answer to Authorization is not stored by itself', fresh, { authorization: 'Basic eA==' }),
  ...['public, max-age=60', 's-maxage=60', 'max-age=60, must-revalidate'].map((value) =>
    reused('RFC 9111 §3.5', `an answer to Authorization is stored with ${value}`, { 'cache-control': value }, { authorization: 'Basic eA==' }),
  ),
  {
    section: 'RFC 9111 §4',
    requirement: 'a stored response says its age',
    steps: [asked({ ...fresh, age: '30' }), stored({ has: { age: '30' } })],
  },
  {
    section: 'RFC 9111 §4',
    requirement: 'a HEAD is answered from a stored GET',
    steps: [asked(fresh), stored({ method: 'HEAD' })],
  },
  {
    section: 'RFC 9111 §4.1',
    requirement: 'fields that Vary names select',
    steps: [
      asked({ ...fresh, vary: 'X-A' }, { ask: { 'x-a': '1' } }),
      asked({ ...fresh, vary: 'X-A' }, { ask: { 'x-a': '2' } }),
      asked({ ...fresh, vary: 'X-A' }),
      stored({ ask: { 'x-a': '1', 'x-b': '3' } }),
    ],
  },
  never('RFC 9111 §4.1', 'Vary with an asterisk matches nothing', { ...fresh, vary: 'X-A, *' }),
  reused('RFC 9111 §4.2.1', 's-maxage goes before max-age', { 'cache-control': 'max-age=0, s-maxage=60' }),
  never('RFC 9111 §4.2.1', 'max-age goes before Expires', { 'cache-control': 'max-age=0', expires: new Date(Date.now() + 3_600_000).toUTCString() }),
  never('RFC 9111 §4.2.1', 'a directive that comes twice with two values is stale', { 'cache-control': 'max-age=60, max-age=0' }),
  never('RFC 9111 §4.2.3', 'an age beyond the lifetime is stale', { ...fresh, age: '60' }),
  never('RFC 9111 §5.3', 'Expires in the past is stale', { expires: past }),
  never('RFC 9111 §5.3', 'an Expires that is no date is stale', { expires: '0' }),
  {
    section: 'RFC 9111 §4.3.1',
    requirement: 'a stale response is validated with its ETag, and answers where it is confirmed',
    steps: [
      asked({ 'cache-control': 'max-age=0', etag: '"a"' }),
      asked({ ...fresh, etag: '"a"' }, { status: 304, answer: 200, has: { etag: '"a"' } }),
      stored(),
    ],
  },
  {
    section: 'RFC 9111 §4.3.2',
    requirement: 'a condition of the client is answered from the store',
    steps: [
      asked({ ...fresh, etag: '"a"' }),
      stored({ ask: { 'if-none-match': 'W/"a"' }, answer: 304 }),
      stored({ ask: { 'if-none-match': '"b"' } }),
    ],
  },
  {
    section: 'RFC 9111 §4.3.4',
    requirement: 'a 304 replaces stored fields',
    steps: [
      asked({ 'cache-control': 'max-age=0', etag: '"a"', 'x-a': '1' }),
      asked({ ...fresh, etag: '"a"', 'x-a': '2' }, { status: 304, answer: 200, has: { 'x-a': '2' } }),
      stored({ has: { 'x-a': '2' } }),
    ],
  },
  ...['POST', 'PUT', 'DELETE', 'PURGE'].map((method) => ({
    section: 'RFC 9111 §4.4',
    requirement: `a ${method} that succeeds invalidates its URL`,
    steps: [asked(fresh), stored(), asked({}, { method }), asked(fresh)],
  })),
  {
    section: 'RFC 9111 §4.4',
    requirement: 'one that fails invalidates nothing',
    steps: [asked(fresh), asked({}, { method: 'POST', status: 500, answer: 500 }), stored()],
  },
  {
    section: 'RFC 9111 §4.4',
    requirement: 'a Location of the same origin is invalidated too, and none of another',
    steps: [
      asked(fresh, { path: '/b' }),
      asked({ location: 'http://other.test/b' }, { method: 'POST' }),
      stored({ path: '/b' }),
      asked({ location: '/b' }, { method: 'POST' }),
      asked(fresh, { path: '/b' }),
    ],
  },
  {
    section: 'RFC 9111 §5.2.1.7',
    requirement: 'only-if-cached is 504 where nothing is stored',
    steps: [stored({ ask: { 'cache-control': 'only-if-cached' }, answer: 504 })],
  },
  never('RFC 9111 §5.2.2.4', 'no-cache is not used without validation', { 'cache-control': 'max-age=60, no-cache' }),
  {
    section: 'RFC 9111 §5.2.2.2',
    requirement: 'must-revalidate is not served stale in place of an error',
    steps: [asked({ 'cache-control': 'max-age=0, must-revalidate, stale-if-error=60', etag: '"a"' }), asked({}, { status: 503, answer: 503 })],
  },
  {
    section: 'RFC 5861 §4',
    requirement: 'stale-if-error stands in for an error',
    steps: [asked({ 'cache-control': 'max-age=0, stale-if-error=60' }), asked({}, { status: 503, answer: 200 })],
  },
  reused('RFC 9213 §2.2', 'a targeted field goes before Cache-Control', { 'cache-control': 'no-store', 'cdn-cache-control': 'max-age=60' }),
  never('RFC 9213 §2.2', 'a targeted field forbids what Cache-Control allows', { ...fresh, 'cdn-cache-control': 'no-store' }),
  {
    section: 'RFC 9110 §14',
    requirement: 'a range of a stored response is a part of it, one beyond its end is 416, an If-Range that differs the whole',
    steps: [
      asked({ ...fresh, etag: '"a"' }),
      stored({ ask: { range: 'bytes=0-1' }, answer: 206, has: { 'content-length': '2' } }),
      stored({ ask: { range: 'bytes=100-' }, answer: 416 }),
      stored({ ask: { range: 'bytes=0-1', 'if-range': '"b"' } }),
    ],
  },
]
