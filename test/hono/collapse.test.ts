import { responseCache } from 'fastmiss/hono'
import { expect, test } from 'vitest'
import { givenApp } from './support/given-app.ts'

/** A handler that waits until it is let go. */
function slow(fields: Record<string, string>, options: Parameters<typeof givenApp>[1] = {}) {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  const given = givenApp(
    async (c, call) => {
      await released
      if (c.req.path === '/throws') throw new Error('down')
      return new Response(`call ${call}`, { headers: fields })
    },
    { collapse: 5_000, ...options },
  )
  return { ...given, release }
}
const fresh = { 'cache-control': 'max-age=60' }

/** The first request is with the handler when the others ask. */
async function together(given: ReturnType<typeof slow>, path: string, all: readonly Record<string, string>[]) {
  const [first = {}, ...others] = all
  const leading = given.ask(path, first)
  while (given.calls.length === 0) await new Promise(setImmediate)
  const waiting = others.map((fields) => given.ask(path, fields))
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
  given.release()
  return Promise.all([leading, ...waiting])
}

test('concurrent misses of one key share one answer of the handler', async () => {
  const given = slow(fresh)
  const [first, ...others] = await together(given, '/x', [{}, {}, {}, {}])
  expect(given.calls).toHaveLength(1)
  expect(first?.cacheStatus).toContain('stored')
  for (const other of others)
    expect(other).toMatchObject({ text: 'call 1', cacheStatus: expect.stringMatching(/^fastmiss; fwd=uri-miss; ttl=(60|59); collapsed$/) })
})
test.each([
  ['private', { 'cache-control': 'private' }],
  ['with Set-Cookie', { ...fresh, 'set-cookie': 'id=1' }],
  ['of an uncacheable kind', {}],
])('an answer that is %s is not shared', async (_, fields) => {
  const given = slow(fields)
  const answers = await together(given, '/x', [{}, {}, {}])
  expect(new Set(answers.map(({ text }) => text)).size).toBe(3)
})
test('what varies is shared only between requests that select the same', async () => {
  const given = slow({ ...fresh, vary: 'accept' })
  const answers = await together(given, '/x', [{ accept: 'a' }, { accept: 'a' }, { accept: 'b' }])
  expect(answers.map(({ text }) => text)).toEqual(['call 1', 'call 1', 'call 2'])
})
test('requests with credentials neither wait nor are waited for', async () => {
  const given = slow({ 'cache-control': 'public, max-age=60' })
  const answers = await together(given, '/x', [{ authorization: 'a' }, {}, { authorization: 'b' }])
  expect(new Set(answers.map(({ text }) => text)).size).toBe(3)
})
test('a handler that throws, or one that hangs, does not hold the others', async () => {
  const throwing = slow(fresh)
  const answers = await together(throwing, '/throws', [{}, {}])
  expect(answers.map(({ status }) => status)).toEqual([500, 500])

  const hanging = slow(fresh, { collapse: 30 })
  const leading = hanging.ask('/x')
  while (hanging.calls.length === 0) await new Promise(setImmediate)
  const other = hanging.ask('/x')
  while (hanging.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  hanging.release()
  expect((await other).text).toBe('call 2')
  expect((await leading).text).toBe('call 1')
})
test('without the option nobody waits', () => {
  expect(() => responseCache({ collapse: -1 })).toThrow('collapse:')
})
