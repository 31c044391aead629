import type { Context } from 'hono'
import { cacheStatus, type CacheStatus } from '../../http/cache-status.ts'
import { isKeptIn304, isNotModified } from '../../http/conditional.ts'
import { remainingLifetime } from '../../http/stored.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { backgroundOf, finish } from './background.ts'
import type { Forwarded } from './forward.ts'
import type { Pending } from './prepare-store.ts'
import { recordBody } from './record-body.ts'
import { takeBody } from './take-body.ts'
import { responseFrom, withStatus } from './to-response.ts'

/** What becomes of a response of the handler on its way to the client. */
export interface Delivery {
  /** It is stored as it passes. */
  deliverStored(c: Context, response: Response, pending: Pending, status: CacheStatus, share: Forwarded['share']): Promise<Response>
  /** It passes. Conditions were kept from the handler, so that they are answered here also for what is not stored. */
  deliverUnstored(request: Request, response: Response, status: CacheStatus, responseAt: number): Promise<Response>
}

/** @returns functions for all requests of one middleware */
export function createDelivery(options: ResolvedOptions): Delivery {
  const { name } = options

  async function deliverStored(c: Context, response: Response, pending: Pending, status: CacheStatus, share: Forwarded['share']): Promise<Response> {
    const { headers } = c.req.raw
    const empty = pending.with('')
    const now = empty.responseAt
    const stored: CacheStatus = { ...status, stored: true }
    const text = cacheStatus(name, { ...stored, ttl: remainingLifetime(empty, now) })
    const isKnown = isNotModified(headers, empty, now)
    const isLess = isKnown || (options.fillRanges && headers.has('range'))
    if (response.body !== null && !isLess) return withStatus(recorded(c, response, pending, share), text)
    // The client wants less than the store: the body is read to its end first.
    const taken = await takeBody(response, options.maxBodyBytes)
    if ('bytes' in taken) {
      const whole = pending.whole(taken.bytes)
      share(whole)
      if (whole !== undefined) await finish(c, options, pending.save(whole))
      return isLess ? responseFrom(pending.with(taken.bytes), c.req.raw, now, name, stored, response.headers) : withStatus(response, text)
    }
    share(undefined)
    if (!isKnown) return withStatus(taken.rest, text)
    await taken.rest.body?.cancel()
    return responseFrom(empty, c.req.raw, now, name, stored, response.headers)
  }

  function recorded(c: Context, response: Response, pending: Pending, share: Forwarded['share']): Response {
    const waitUntil = backgroundOf(c, options)
    return recordBody(response, options.maxBodyBytes, (bytes) => {
      const whole = bytes && pending.whole(bytes)
      share(whole)
      if (whole === undefined) return undefined
      const written = pending.save(whole).then(() => {})
      // Told only now: a client that leaves before would otherwise keep the request, and its connection, for the platform's limit.
      waitUntil?.(written)
      // Without waitUntil the body ends when the write has been answered: a process may be frozen once the response is complete.
      return waitUntil === undefined || pending.isTagged ? written : undefined
    })
  }

  async function deliverUnstored(request: Request, response: Response, status: CacheStatus, responseAt: number): Promise<Response> {
    const text = cacheStatus(name, status)
    // What is not stored has no date but its own (RFC 9110 §13.1.3).
    const isAnswerable = request.headers.has('if-none-match') || response.headers.has('last-modified')
    if (request.method !== 'GET' || !isAnswerable) return withStatus(response, text)
    const headers = [...response.headers]
    if (!isNotModified(request.headers, { status: response.status, headers, responseAt }, responseAt)) return withStatus(response, text)
    await response.body?.cancel()
    return withStatus(new Response(null, { status: 304, headers: headers.filter(([one]) => isKeptIn304(one)) }), text)
  }

  return { deliverStored, deliverUnstored }
}
