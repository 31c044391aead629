import fc from 'fast-check'
import { expect, test } from 'vitest'
import { givenApp } from './support/given-app.ts'

/** Requests and responses as generated; the handler answers with who asked, so that a shared answer shows. */
interface Exchange {
  readonly url: string
  readonly request: Record<string, string>
  readonly response: Record<string, string>
}

const url = fc
  .tuple(
    fc.constantFrom('http', 'http', 'http', 'https'),
    fc.constantFrom('a.test', 'a.test', 'b.test'),
    fc.constantFrom('/a', '/a', '/%61'),
    fc.constantFrom('', '', '?', '?a=1'),
  )
  .map(([scheme, ...rest]) => `${scheme}://${rest.join('')}`)
const request = fc
  .subarray(
    [
      ['accept-language', 'de'],
      ['accept-language', 'en'],
      ['authorization', 'Basic 1'],
      ['x-api-key', '1'],
      ['cookie', 'id=1'],
      ['x-forwarded-host', 'c.test'],
      ['range', 'bytes=0-2'],
      ['if-none-match', '"a"'],
      ['cache-control', 'no-cache'],
      ['cache-control', 'max-stale'],
    ] as const,
    { maxLength: 2 },
  )
  .map((some): Record<string, string> => Object.fromEntries(some))
const response = fc
  .record({
    control: fc.array(
      fc.constantFrom(
        'max-age=60',
        'max-age=0',
        'public',
        's-maxage=60',
        'private',
        'No-Store',
        'no-cache',
        'stale-while-revalidate=60',
        'stale-if-error=60',
        'private="x y"',
        'x="private"',
      ),
      { maxLength: 4 },
    ),
    more: fc.subarray(
      [
        ['set-cookie', 'id=1'],
        ['vary', 'Accept-Language'],
        ['etag', '"a"'],
        ['etag', '"b"'],
      ] as const,
      { maxLength: 2 },
    ),
  })
  .map(({ control, more }): Record<string, string> => ({ 'cache-control': control.join(', '), ...Object.fromEntries(more) }))

test.each(['safe', 'full'] as const)('no response reaches a request that it is not for (%s)', async (preset) => {
  let shared = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ url, request, response }), { minLength: 2, maxLength: 12 }), async (exchanges: readonly Exchange[]) => {
      let current = 0
      const { app } = givenApp(() => new Response(`from=${current}`, { headers: exchanges[current]?.response ?? {} }), { preset, ttl: 60_000 })
      for (const [index, exchange] of exchanges.entries()) {
        current = index
        const { headers, status, text } = await ask(app, exchange)
        const maker = status === 200 ? Number(/^from=(\d+)$/.exec(text)?.[1]) : index
        if (maker === index) continue
        shared += 1
        const of = exchanges[maker]
        if (of === undefined) throw new Error(`no such exchange: ${text}`)
        const why = JSON.stringify({ of, exchange, status: headers.get('cache-status') })
        const control = of.response['cache-control']?.toLowerCase() ?? ''
        expect(/(^|, )(private|no-store)/.test(control), why).toBe(false)
        expect(of.response['set-cookie'], why).toBeUndefined()
        for (const name of ['authorization', 'x-api-key']) if (of.request[name] !== undefined) expect(/public|s-maxage/.test(control), why).toBe(true)
        expect(
          of.request['cookie'] ?? exchange.request['cookie'] ?? of.request['x-forwarded-host'] ?? exchange.request['x-forwarded-host'],
          why,
        ).toBeUndefined()
        expect(exchange.url, why).toBe(of.url)
        if (of.response['vary'] !== undefined) expect(exchange.request['accept-language'], why).toBe(of.request['accept-language'])
      }
    }),
    { numRuns: 400 },
  )
  // The two invariants mean something only where responses are shared at all.
  expect(shared).toBeGreaterThan(5)
})

async function ask(app: ReturnType<typeof givenApp>['app'], { url: where, request: headers }: Exchange) {
  const answer = await app.fetch(new Request(where, { headers }))
  return { headers: answer.headers, status: answer.status, text: await answer.text() }
}
