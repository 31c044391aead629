import type { Context } from 'hono'
import { cacheStatus, type CacheStatus } from '../../http/cache-status.ts'
import { isKeptIn304, isNotModified } from '../../http/conditional.ts'
import { remainingLifetime } from '../../http/stored.ts'
import { canWatchBodies } from '../through.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { backgroundOf, dropBody, finish } from './background.ts'
import type { Forwarded } from './forwarded.ts'
import type { Pending } from './prepare-store.ts'
import { recordBody } from './record-body.ts'
import { takeBody } from './take-body.ts'
import { responseFrom, withStatus } from './to-response.ts'

/** ms that the head waits for a body which the client is not sent as it is: what is there at once is stored, and made a part of. */
const AT_ONCE_MS = 20
/** ms for a body that nobody waits for. */
const ASIDE_MS = 30_000

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
  let isWatchable: boolean | undefined

  async function deliverStored(c: Context, response: Response, pending: Pending, status: CacheStatus, share: Forwarded['share']): Promise<Response> {
    isWatchable ??= canWatchBodies()
    if (!isWatchable) {
      share(undefined)
      return withStatus(response, cacheStatus(name, status))
    }
    const { headers } = c.req.raw
    const empty = pending.with('')
    const now = empty.responseAt
    const stored: CacheStatus = { ...status, stored: true }
    const text = cacheStatus(name, { ...stored, ttl: remainingLifetime(empty, now) })
    const isKnown = isNotModified(headers, empty, now)
    const isLess = isKnown || (options.fillRanges && headers.has('range'))
    if (response.body !== null && !isLess) return withStatus(recorded(c, response, pending, share), text)
    // The client has it: the head is all that it is sent, and waits for nobody where the body can be read aside.
    if (isKnown && backgroundOf(c, options)?.(storeAside(response, pending, share)) === true)
      return responseFrom(empty, c.req.raw, now, name, stored, response.headers)
    const taken = await takeBody(response, options.maxBodyBytes, AT_ONCE_MS)
    if ('bytes' in taken) {
      const whole = pending.whole(taken.bytes)
      share(whole)
      if (whole !== undefined) await finish(c, options, pending.save(whole))
      return isLess ? responseFrom(pending.with(taken.bytes), c.req.raw, now, name, stored, response.headers) : withStatus(response, text)
    }
    // A server may send the whole where a part is asked for (RFC 9110 §14.2): nobody waits for bytes that may not come.
    if (!isKnown) return withStatus(recorded(c, taken.rest, pending, share), text)
    share(undefined)
    dropBody(taken.rest)
    return responseFrom(empty, c.req.raw, now, name, status, response.headers)
  }

  async function storeAside(response: Response, pending: Pending, share: Forwarded['share']): Promise<void> {
    const taken = await takeBody(response, options.maxBodyBytes, ASIDE_MS)
    const whole = 'bytes' in taken ? pending.whole(taken.bytes) : undefined
    share(whole)
    if ('rest' in taken) dropBody(taken.rest)
    else if (whole !== undefined) await pending.save(whole)
  }

  function recorded(c: Context, response: Response, pending: Pending, share: Forwarded['share']): Response {
    const waitUntil = backgroundOf(c, options)
    return recordBody(response, options.maxBodyBytes, (bytes) => {
      const whole = bytes && pending.whole(bytes)
      share(whole)
      if (whole === undefined) return undefined
      const written = pending.save(whole).then(() => {})
      // Told only now: a client that leaves before would otherwise keep the request, and its connection, for the platform's limit.
      const isKept = waitUntil?.(written) === true
      // Else the body ends when the write has been answered: a process may be frozen once the response is complete.
      return !isKept || pending.isTagged ? written : undefined
    })
  }

  async function deliverUnstored(request: Request, response: Response, status: CacheStatus, responseAt: number): Promise<Response> {
    const text = cacheStatus(name, status)
    // What is not stored has no date but its own (RFC 9110 §13.1.3).
    const isAnswerable = request.headers.has('if-none-match') || response.headers.has('last-modified')
    if (request.method !== 'GET' || !isAnswerable) return withStatus(response, text)
    const headers = [...response.headers]
    if (!isNotModified(request.headers, { status: response.status, headers, responseAt }, responseAt)) return withStatus(response, text)
    dropBody(response)
    return withStatus(new Response(null, { status: 304, headers: headers.filter(([one]) => isKeptIn304(one)) }), text)
  }

  return { deliverStored, deliverUnstored }
}
