import type { Cache } from 'fastmiss'
import { cacheContext, responseCache } from 'fastmiss/hono'
import { Hono } from 'hono'
import { BODY, type Step } from '../cases/case.ts'

/** What the handler is to do, in a field of the request; and what it did, in one of the answer, out of the cache's sight. */
export const STEP = 'x-step'
export const SEEN = 'x-seen'

/** What an app tells of one request. */
export interface Seen {
  readonly isAsked: boolean
  /** The fields that the handler was asked with. */
  readonly given: Readonly<Record<string, string>>
}

type Waits = (work: Promise<unknown>) => void
interface Env {
  readonly Variables: { given?: Readonly<Record<string, string>> }
}

/** A handler that says what the request tells it to, behind a cache. Its preset is the first word of the host. */
export function conformanceApp(cache: Cache): (request: Request, waitUntil?: Waits) => Promise<Response> {
  const app = new Hono<Env>()
  const presets = { safe: responseCache({ preset: 'safe' }), full: responseCache({ preset: 'full' }) }
  let pending = 0
  app.use(async (c, next) => {
    // What goes on after a response is done before the next request. Only a number is shared: in workerd promises may not be.
    while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await next()
    const given = c.get('given')
    c.header(SEEN, JSON.stringify({ isAsked: given !== undefined, given: given ?? {} } satisfies Seen))
  })
  app.use(cacheContext({ cache }))
  app.use((c, next) => presets[new URL(c.req.url).hostname.startsWith('full') ? 'full' : 'safe'](c, next))
  app.all('*', (c) => {
    c.set('given', c.req.header())
    const { say = {}, status = 200, isThrown } = JSON.parse(c.req.header(STEP) ?? '{}') as Step
    if (isThrown) throw new Error('The handler failed')
    const hasBody = status !== 304 && c.req.method !== 'HEAD'
    return new Response(hasBody ? BODY : null, { status, headers: { 'content-type': 'text/plain', ...say } })
  })
  app.onError((_, c) => c.text('', 500))
  return async (request, waitUntil) => {
    if (waitUntil === undefined) return app.fetch(request)
    const counting: Waits = (work) => {
      pending += 1
      waitUntil(work.finally(() => (pending -= 1)))
    }
    return app.fetch(request, {}, { waitUntil: counting, passThroughOnException: () => {}, props: {} })
  }
}
