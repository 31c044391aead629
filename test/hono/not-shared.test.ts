import { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import { NONCE, secureHeaders } from 'hono/secure-headers'
import { createCache } from 'fastmiss'
import { responseCache } from 'fastmiss/hono'
import { testCache } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { BELIEVED, CREDENTIALS } from '../../src/http/request-fields.ts'
import { givenApp, saying } from './support/given-app.ts'

describe.each(['outer', 'inner'])('a page with a CSP nonce, from middleware that is %s', (where) => {
  test('is not stored, so that header and page always agree', async () => {
    const app = new Hono()
    const secure = secureHeaders({ contentSecurityPolicy: { scriptSrc: [NONCE, "'strict-dynamic'"] } })
    if (where === 'outer') app.use(secure)
    app.use(responseCache({ cache: createCache({ url: 'memory:' }), ttl: 60_000 }))
    if (where === 'inner') app.use(secure)
    app.get('/', (c) => c.html(`<script nonce="${c.get('secureHeadersNonce')}">go()</script>`))
    app.get('/plain', (c) => c.text('nothing to run'))
    const nonces = new Set<string | undefined>()
    for (let visit = 0; visit < 3; visit += 1) {
      const response = await app.request('/')
      const nonce = /'nonce-([^']+)/.exec(response.headers.get('content-security-policy') ?? '')?.[1]
      expect(await response.text()).toContain(`nonce="${nonce}"`)
      nonces.add(nonce)
    }
    expect(nonces.size).toBe(3)
    for (const status of ['stored', 'hit']) if (where === 'outer') expect((await app.request('/plain')).headers.get('cache-status')).toContain(status)
  })
})
test.each(['text/event-stream', 'Text/Event-Stream; charset=utf-8', 'multipart/x-mixed-replace; boundary=a'])(
  'a stream, %s, is not stored under ttl',
  async (type) => {
    const { ask } = givenApp(saying({ 'content-type': type }), { ttl: 60_000 })
    expect((await ask('/x')).cacheStatus).not.toContain('stored')
    expect((await ask('/x')).text).toBe('call 2')
  },
)
test.each(["private='x-user'", "private='x-user', max-age=60", 'private=`x-user`', "no-cache='x-user'", 'private=x+y'])(
  '%s is malformed, and not stored',
  async (control) => {
    const { ask } = givenApp(saying({ 'cache-control': `max-age=60, ${control}`, 'x-user': '1' }))
    await ask('/x')
    expect((await ask('/x')).text).toBe('call 2')
  },
)
test.each([{ swr: 60_000 }, { staleIfError: 60_000 }])(
  '%j without ttl stores nothing that says nothing, and serves nothing stale',
  async (options) => {
    const { ask } = givenApp(saying({}), { ...options, isBackground: true })
    await ask('/x')
    expect((await ask('/x')).text).toBe('call 2')
    const validated = givenApp(saying({ etag: '"a"' }), { ...options, isBackground: true })
    await validated.ask('/x')
    expect((await validated.ask('/x')).text).toBe('call 2')
  },
)
describe('a refresh that answers 5xx', () => {
  const failing = (fields: Record<string, string>, status = 503) => {
    const cache = testCache()
    const given = givenApp(
      (_, call) =>
        call === 1 ? new Response('good', { headers: { etag: '"a"' } }) : new Response('bad', { status, headers: { etag: '"b"', ...fields } }),
      { cache, ttl: 1_000, swr: 60_000, statuses: [200, 500, 501, 503], isBackground: true },
    )
    return { ...given, clock: cache.clock }
  }
  test.each([[{}], [{ 'cache-control': 'public' }], [{ 'cache-control': 'max-age=0' }], [{}, 501]] as [Record<string, string>, number?][])(
    'leaves the stale copy to its window: %j',
    async (fields, status) => {
      const { ask, settled, clock } = failing(fields, status)
      await ask('/x')
      clock.advance(2_000)
      for (let visit = 0; visit < 2; visit += 1) {
        expect((await ask('/x')).text).toBe('good')
        await settled()
      }
    },
  )
  test('replaces it where it says that it may be stored for a time', async () => {
    const { ask, settled, clock } = failing({ 'cache-control': 'max-age=10' })
    await ask('/x')
    clock.advance(2_000)
    await ask('/x')
    await settled()
    expect(await ask('/x')).toMatchObject({ status: 503, text: 'bad' })
  })
})
test('cookies are read as the parser of the app reads them, and what lies beyond ASCII goes past', async () => {
  const { ask } = givenApp((c) => c.text(`theme=${getCookie(c, 'theme') ?? 'default'}`), { ttl: 60_000, cookies: ['theme'], ignoreCookies: ['_ga'] })
  for (const cookie of ['\u00a0theme=dark', 'theme=\u00a0dark', 'theme=dark\u00a0', '_ga=\u00e9; theme=dark']) {
    expect((await ask('/x', { cookie })).cacheStatus).toContain('detail=cookie')
    expect((await ask('/x', { cookie: 'theme=dark' })).text).toBe('theme=dark')
  }
  expect((await ask('/x', { cookie: ' theme=dark\t; _ga=1' })).text).toBe('theme=dark')
})
test.each(CREDENTIALS)('what is answered to %s is for nobody else', async (name) => {
  const { ask } = givenApp((c) => c.text(c.req.header(name) ?? 'nobody'), { ttl: 60_000 })
  await ask('/x', { [name]: 'first' })
  expect((await ask('/x', { [name]: 'second' })).text).toBe('second')
  expect((await ask('/x')).text).toBe('nobody')
})
test.each(BELIEVED)('a %s that says something else than the URL reaches nobody else', async (name) => {
  const { ask } = givenApp((c) => c.text(c.req.header(name) ?? 'nobody'), { ttl: 60_000 })
  expect((await ask('/x', { [name]: 'evil' })).cacheStatus).toContain('detail=override')
  expect((await ask('/x')).text).toBe('nobody')
})
test.each([
  ['x-forwarded-ssl', 'off'],
  ['cf-visitor', '{"scheme":"http"}'],
  ['x-original-uri', '/x?a=1'],
  ['x-matched-path', '/x'],
  ['x-forwarded-server', 'a.test'],
])('a %s that says the same, %s, is harmless', async (name, value) => {
  const { ask } = givenApp(saying({}), { ttl: 60_000 })
  expect((await ask('/x?a=1', { [name]: value })).cacheStatus).toContain('stored')
})
test('both lists can be replaced', async () => {
  const { ask } = givenApp(saying({}), { ttl: 60_000, believedHeaders: ['X-Mine'], credentialHeaders: [] })
  expect((await ask('/x', { 'x-mine': '1' })).cacheStatus).toContain('detail=override')
  expect((await ask('/x', { 'x-forwarded-host': 'evil' })).cacheStatus).toContain('stored')
  expect((await ask('/x', { 'x-api-key': '1' })).cacheStatus).toContain('hit')
  expect(() => responseCache({ believedHeaders: ['a b'] })).toThrow('believedHeaders:')
})
