import { createCache } from 'fastmiss'
import { responseCache } from 'fastmiss/hono'
import fc from 'fast-check'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { memory } from '../../src/transport/memory/memory.ts'
import type { Reply } from '../../src/transport/transport.ts'

/** An app over a store whose texts a test can read and change. */
function given() {
  const transport = memory()
  const connection = transport.open()
  const send = async (...command: readonly string[]): Promise<Reply> => (await connection.send([command], Infinity))[0] ?? null
  const app = new Hono()
  app.onError((error) => new Response(String(error), { status: 500 }))
  app.use(responseCache({ cache: createCache({ transport }) }))
  app.get('*', (c) => {
    const language = c.req.header('accept-language') ?? 'none'
    return c.text(`${c.req.path} ${language}`, 200, {
      'cache-control': 'max-age=60',
      'cache-tag': 'a',
      ...(c.req.path === '/plain' ? {} : { vary: 'accept-language' }),
    })
  })
  const requests = [
    ['/plain', 'none'],
    ['/other', 'de'],
    ['/other', 'en'],
    ['/third', 'de'],
  ] as const
  async function visit() {
    const answers = []
    for (const [path, language] of requests) {
      const response = await app.request(path, language === 'none' ? {} : { headers: { 'accept-language': language } })
      answers.push({ response, text: await response.text(), expected: `${path} ${language}` })
    }
    return answers
  }
  return {
    visit,
    async texts(): Promise<Map<string, string>> {
      const [, keys] = (await send('SCAN', '0', 'MATCH', '*')) as [string, string[]]
      return new Map(await Promise.all(keys.map(async (key) => [key, String(await send('GET', key))] as const)))
    },
    put: (key: string, text: string) => send('SET', key, text),
  }
}

test('entries that were moved between keys never answer for another URL or variant', async () => {
  const { visit, texts, put } = given()
  await visit()
  const stored = await texts()
  // Two plain texts, one of a marker with two variants, one with one, and the version of the tag.
  expect(stored.size).toBe(7)
  for (const to of stored.keys()) {
    for (const from of stored.values()) {
      for (const [key, text] of stored) await put(key, text)
      await put(to, from)
      for (const { response, text, expected } of await visit()) {
        expect(response.status).toBe(200)
        expect(text).toBe(expected)
      }
    }
  }
})

test('what one namespace stored, moved to where another one looks, answers nobody there', async () => {
  const transport = memory()
  const connection = transport.open()
  const send = async (...command: readonly string[]): Promise<Reply> => (await connection.send([command], Infinity))[0] ?? null
  const tenants = ['one', 'two'].map((namespace) => {
    const app = new Hono()
    app.use(responseCache({ cache: createCache({ transport, namespace }) }))
    app.get('*', (c) => c.text(namespace, 200, { 'cache-control': 'max-age=60', ...(c.req.path === '/plain' ? {} : { vary: 'accept-language' }) }))
    return { namespace, ask: async (path: string) => (await app.request(path)).text() }
  })
  const stored = async () => ((await send('SCAN', '0', 'MATCH', '*')) as [string, string[]])[1]
  const visit = async () => {
    for (const { namespace, ask } of tenants) for (const path of ['/plain', '/varies']) expect(await ask(path)).toBe(namespace)
  }
  await visit()
  const keys = await stored()
  // A text without variants, a list and its variant, twice.
  expect(keys).toHaveLength(6)
  const texts = new Map(await Promise.all(keys.map(async (key) => [key, String(await send('GET', key))] as const)))
  const own = (key: string): boolean => key.startsWith('one')
  for (const [from, text] of texts) {
    if (!own(from)) continue
    // Where it would look by the same hash, and in the place of all that it has.
    await send('SET', from.replace(/^one/, 'two'), text)
    for (const key of keys) if (!own(key)) await send('SET', key, text)
    expect(await tenants[1]?.ask('/plain')).toBe('two')
    expect(await tenants[1]?.ask('/varies')).toBe('two')
  }
})

test('whatever bytes lie under a key, requests are answered and nothing is set that nobody said', async () => {
  const { visit, texts, put } = given()
  await visit()
  const stored = await texts()
  const keys = [...stored.keys()]
  const damage = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.record({ at: fc.nat(), length: fc.nat(40), text: fc.string({ unit: 'binary', maxLength: 20 }) }),
    fc.record({
      at: fc.nat(),
      length: fc.constant(1),
      text: fc.constantFrom('"', '{', '}', ',', '0', '-1', '1e999', 'null', '\\u000a', '\\ud800', '[]'),
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.nat(keys.length - 1), damage, async (which, change) => {
      for (const [key, text] of stored) await put(key, text)
      const key = keys[which] ?? ''
      const text = stored.get(key) ?? ''
      await put(key, typeof change === 'string' ? change : splice(text, change))
      for (const { response } of await visit()) {
        expect(response.status, key).toBeGreaterThanOrEqual(200)
        expect(response.status, key).toBeLessThan(500)
        expect(response.headers.get('set-cookie')).toBeNull()
        expect(response.headers.get('cache-status')).toMatch(/^fastmiss; (hit|fwd=(uri-miss|vary-miss|stale); fwd-status=200)/)
      }
    }),
    { numRuns: 120 },
  )
})

function splice(text: string, { at, length, text: instead }: { readonly at: number; readonly length: number; readonly text: string }): string {
  const from = at % text.length
  return text.slice(0, from) + instead + text.slice(from + length)
}
