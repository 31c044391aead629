import { createCache } from 'fastmiss'
import { cacheContext, responseCache } from 'fastmiss/hono'
import fc from 'fast-check'
import { Hono } from 'hono'
import { expect, test } from 'vitest'

/** One request of one tenant: who asks, and how the body of the handler goes on. */
const exchange = fc.record({
  tenant: fc.constantFrom('a', 'b'),
  language: fc.constantFrom('de', 'en', 'fr'),
  varies: fc.boolean(),
  fails: fc.constantFrom('no', 'no', 'no', 'late', 'throws'),
  condition: fc.constantFrom<Record<string, string>>({}, {}, { 'if-none-match': '"other"' }, { range: 'bytes=0-99' }),
})

test('at once, behind one middleware before two caches, with bodies that break off, nobody gets what is for another or less than a whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(exchange, { minLength: 2, maxLength: 12 }), fc.boolean(), async (exchanges, isCollapsed) => {
      const shared = responseCache({ ttl: 60_000, ...(isCollapsed ? { collapse: 2_000 } : {}), maxVariants: 2 })
      const apps = Object.fromEntries(
        ['a', 'b'].map((tenant) => {
          const app = new Hono()
          app.onError((_, c) => c.text('failed', 500))
          app.use(cacheContext({ cache: createCache({ url: 'memory:', namespace: tenant }) }), shared)
          app.get('*', async (c) => {
            await new Promise(setImmediate)
            const { language, varies, fails } = JSON.parse(c.req.header('x-exchange') ?? '{}') as (typeof exchanges)[number]
            if (fails === 'throws') throw new Error('on purpose')
            // Without a Vary it is the same for all.
            const text = `${tenant} ${varies ? language : 'all'}`
            const body = new ReadableStream<Uint8Array>({
              start(controller) {
                controller.enqueue(new TextEncoder().encode(text))
                if (fails === 'late') controller.error(new Error('broken on purpose'))
                else controller.close()
              },
            })
            return new Response(body, {
              headers: { 'content-type': 'text/plain', etag: `"${text}"`, ...(varies ? { vary: 'accept-language' } : {}) },
            })
          })
          return [tenant, app]
        }),
      )
      for (let round = 0; round < 2; round += 1) {
        await Promise.all(
          exchanges.map(async (one) => {
            const headers = { 'accept-language': one.language, 'x-exchange': JSON.stringify(one), ...one.condition }
            const response = await apps[one.tenant]?.request('http://h/x', { headers })
            const text = await response?.text().catch(() => undefined)
            if (text === undefined || response?.status === 500) return
            expect([`${one.tenant} all`, `${one.tenant} ${one.language}`]).toContain(text)
          }),
        )
      }
    }),
    { numRuns: 60 },
  )
})
