import { createCache } from 'fastmiss'
import { purge } from 'fastmiss/hono'
import type { Context } from 'hono'
import { languageDetector } from 'hono/language'
import { expect, test } from 'vitest'
import { givenApp } from './support/given-app.ts'

const fresh = { 'cache-control': 'max-age=600' }
const byLanguage = (_: Context, call: number): Response => new Response(`call ${call}`, { headers: { ...fresh, vary: 'Accept-Language' } })

/** Compresses nothing, but says so as a handler that chooses by weight and then by its own order would. */
function byCoding(c: Context): Response {
  const accepted = c.req.header('accept-encoding') ?? ''
  const coding = ['br', 'gzip'].find((one) => accepted.includes(one))
  return new Response(coding ?? 'plain', { headers: { ...fresh, vary: 'Accept-Encoding', ...(coding && { 'content-encoding': coding }) } })
}

test.each([
  ['de, en', 'hit'],
  ['eN,De', 'hit'],
  [' en ,   de', 'hit'],
  ['de', 'vary-miss'],
  ['de, en;q=0.5', 'vary-miss'],
  ['en, de, en', 'vary-miss'],
])('full: what answered "en, de" is a %j: %s', async (value, outcome) => {
  const { ask } = givenApp(byLanguage, { preset: 'full' })
  await ask('/x', { 'accept-language': 'en, de' })
  expect((await ask('/x', { 'accept-language': value })).cacheStatus).toContain(outcome)
  // And what was stored for others leaves it.
  expect((await ask('/x', { 'accept-language': 'en, de' })).text).toBe('call 1')
})
test('safe, and full without it, compare values as they come', async () => {
  for (const options of [{}, { preset: 'full', normalizeVary: false }] as const) {
    const { ask } = givenApp(byLanguage, options)
    await ask('/x', { 'accept-language': 'en, de' })
    expect((await ask('/x', { 'accept-language': 'de, en' })).cacheStatus).toContain('fwd=vary-miss')
  }
})
test('what one middleware stored in a normal form is nothing to another that compares values as they come', async () => {
  const cache = createCache({ url: 'memory:' })
  const full = givenApp(byLanguage, { cache, preset: 'full' })
  const safe = givenApp(byLanguage, { cache })
  await full.ask('/x', { 'accept-language': 'en, de' })
  for (const value of ['en, de', 'de, en', 'de,en']) {
    expect((await safe.ask('/x', { 'accept-language': value })).cacheStatus).toContain('fwd=vary-miss')
  }
  expect((await full.ask('/x', { 'accept-language': 'de, en' })).text).toBe('call 1')
})
test.each([true, false])('an app that goes by the order of languages of equal weight, with normalizeVary: %s', async (normalizeVary) => {
  const detect = languageDetector({ supportedLanguages: ['en', 'de'], fallbackLanguage: 'en', order: ['header'], caches: false })
  const { ask } = givenApp(
    async (c) => {
      await detect(c as never, async () => {})
      return new Response(String(c.get('language' as never)), { headers: { ...fresh, vary: 'Accept-Language' } })
    },
    { normalizeVary },
  )
  expect((await ask('/x', { 'accept-language': 'en, de' })).text).toBe('en')
  // The docs say so.
  expect((await ask('/x', { 'accept-language': 'de, en' })).text).toBe(normalizeVary ? 'en' : 'de')
})
test('one coding serves all who like none better, and nobody who cannot read it', async () => {
  const { ask, calls } = givenApp(byCoding, { normalizeVary: true })
  expect((await ask('/x', { 'accept-encoding': 'gzip, deflate' })).text).toBe('gzip')
  for (const value of ['gzip', 'deflate, gzip', 'GZIP;q=1']) {
    const { headers, cacheStatus } = await ask('/x', { 'accept-encoding': value })
    expect(headers.get('content-encoding')).toBe('gzip')
    expect(cacheStatus).toContain('hit')
  }
  expect(calls).toHaveLength(1)
  for (const value of [undefined, '', 'identity', 'deflate', 'gzip;q=0', 'br, gzip;q=0.5']) {
    const { headers } = await ask('/x', value === undefined ? {} : { 'accept-encoding': value })
    expect(headers.get('cache-status')).toContain('fwd=vary-miss')
    if (value !== 'gzip;q=0') expect(headers.get('content-encoding')).toBe(value?.includes('br') === true ? 'br' : null)
  }
})
test('a language that the response names serves all who like none better', async () => {
  const { ask, calls } = givenApp(
    (c) => {
      const language = c.req.header('accept-language')?.includes('de') === true ? 'de' : 'en'
      return new Response(language, { headers: { ...fresh, vary: 'Accept-Language', 'content-language': language } })
    },
    { preset: 'full' },
  )
  await ask('/x', { 'accept-language': 'de-DE, de' })
  expect(await ask('/x', { 'accept-language': 'fr;q=0.5, de;q=1.0' })).toMatchObject({ text: 'de', cacheStatus: expect.stringContaining('hit') })
  // English was for want of French: it is nobody's choice.
  await ask('/x', { 'accept-language': 'fr' })
  expect(await ask('/x', { 'accept-language': 'en' })).toMatchObject({ text: 'en', cacheStatus: expect.stringContaining('fwd=vary-miss') })
  expect(await ask('/x', { 'accept-language': 'de' })).toMatchObject({ text: 'de', cacheStatus: expect.stringContaining('hit') })
  expect(calls).toHaveLength(3)
})
test('declared fields, a stale one and purge go by the normal form too', async () => {
  const { ask, calls, cache } = givenApp((_, call) => new Response(`call ${call}`, { headers: { 'cache-control': 'max-age=0', etag: '"a"' } }), {
    normalizeVary: true,
    vary: ['Accept-Language'],
  })
  await ask('/x', { 'accept-language': 'en, de' })
  expect((await ask('/x', { 'accept-language': 'de,en' })).cacheStatus).toContain('fwd=stale')
  expect(calls[1]?.headers.get('if-none-match')).toBe('"a"')
  expect(await purge(cache, { url: 'http://a.test/x' })).toBe(true)
  expect((await ask('/x', { 'accept-language': 'de, en' })).cacheStatus).toContain('fwd=uri-miss')
})
test('a 304 renews the one copy of a coding, whoever asked for it', async () => {
  const { ask, calls } = givenApp(
    (c, call) => {
      const headers = { 'cache-control': call === 1 ? 'max-age=0' : 'max-age=600', etag: '"a"', vary: 'Accept-Encoding', 'content-encoding': 'gzip' }
      return c.req.header('if-none-match') === '"a"' ? new Response(null, { status: 304, headers }) : new Response('zipped', { headers })
    },
    { normalizeVary: true },
  )
  await ask('/x', { 'accept-encoding': 'gzip, br' })
  expect((await ask('/x', { 'accept-encoding': 'gzip' })).cacheStatus).toContain('fwd-status=304')
  expect((await ask('/x', { 'accept-encoding': 'br, gzip' })).cacheStatus).toContain('hit')
  expect(calls).toHaveLength(2)
})
test('misses that mean the same and come together are one call', async () => {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const { ask, calls } = givenApp(
    async (_, call) => {
      await released
      return new Response(`call ${call}`, { headers: { ...fresh, vary: 'Accept-Language' } })
    },
    { normalizeVary: true, vary: ['Accept-Language'], collapse: 5_000 },
  )
  const asked = ['en, de', 'de,en', 'DE , EN'].map((value) => ask('/x', { 'accept-language': value }))
  await expect.poll(() => calls.length).toBe(1)
  release()
  for (const { text } of await Promise.all(asked)) expect(text).toBe('call 1')
  expect(calls).toHaveLength(1)
})
