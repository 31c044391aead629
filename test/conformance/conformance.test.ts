import { readFile } from 'node:fs/promises'
import { type Cache, createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { givenApp } from '../hono/support/given-app.ts'
import { CASES, type Step } from './cases.ts'

/** A handler that says what the step says, behind a cache. */
function given(cache: Cache, preset: 'safe' | 'full') {
  let step: Step | undefined
  const { ask, calls } = givenApp(
    (c) => {
      const { say = {}, status = 200 } = step ?? {}
      return new Response(status === 304 || c.req.method === 'HEAD' ? null : 'body', { status, headers: { 'content-type': 'text/plain', ...say } })
    },
    { cache, preset },
  )
  return async (next: Step): Promise<void> => {
    step = next
    const before = calls.length
    const { status, headers, text } = await ask(next.path ?? '/a', next.ask, next.method)
    expect({ isAsked: calls.length > before, status }).toEqual({ isAsked: next.isAsked, status: next.answer ?? 200 })
    for (const [name, value] of Object.entries(next.has ?? {})) expect([name, headers.get(name)]).toEqual([name, value])
    if (status === 200 && next.method !== 'HEAD') expect(text).toBe('body')
  }
}

describe.each(['memory', 'Redis'])('over %s', (store) => {
  let redis: Awaited<ReturnType<typeof startRedis>> | undefined
  beforeAll(async () => {
    if (store === 'Redis') redis = await startRedis()
  })
  afterAll(() => redis?.stop())

  describe.each(['safe', 'full'] as const)('%s', (preset) => {
    test.each(CASES.map((one, index) => ({ ...one, index })))('$section: $requirement', async ({ steps, index }) => {
      const run = given(createCache({ url: redis?.url ?? 'memory:', namespace: `${preset}${index}`, timeout: 10_000 }), preset)
      for (const step of steps) await run(step)
    })
  })
})

test('the documentation counts these cases by section', async () => {
  const counts = new Map<string, number>()
  for (const { section } of CASES) counts.set(section, (counts.get(section) ?? 0) + 1)
  const text = await readFile(new URL('../../docs/response-cache.md', import.meta.url), 'utf8')
  const rows = [...text.matchAll(/^\| (RFC \d+ §[\d.]+) +\| (\d+) +\|$/gm)].map(([, section = '', count]) => [section, Number(count)] as const)
  expect(new Map(rows)).toEqual(counts)
})
