import type { Context, Next } from 'hono'
import { answerFrom } from '../../http/answer.ts'
import { cacheStatus, type CacheStatus } from '../../http/cache-status.ts'
import { isConditional, isKeptIn304, isNotModified } from '../../http/conditional.ts'
import type { RequestDirectives } from '../../http/request-directives.ts'
import { canReplaceError } from '../../http/reuse.ts'
import { isErrorStatus } from '../../http/status.ts'
import { remainingLifetime, type StoredResponse } from '../../http/stored.ts'
import { CONDITIONS, isAboutStored, isConfirmedByHead, isRefutedByHead, updatedFields } from '../../http/validate.ts'
import type { Cache, CacheOperations } from '../../types.ts'
import { backgroundOf, finish } from './background.ts'
import { conditionalHeaders } from './conditional-headers.ts'
import type { Plan } from './plan.ts'
import { recordBody } from './record-body.ts'
import { prepareRedispatch, type Redispatch } from './redispatch.ts'
import type { ResolvedOptions } from '../response-cache-options.ts'
import { forget, type Lookup, type Query } from './store.ts'
import { type Exchange, type Pending, prepareStore } from './prepare-store.ts'
import { takeBody } from './take-body.ts'
import { toResponse, withStatus } from './to-response.ts'

/** One request on its way to the handler. */
export interface Forwarded {
  readonly c: Context
  readonly next: Next
  readonly root: Cache
  readonly cache: CacheOperations
  readonly query: Query
  readonly lookup: Lookup
  readonly directives: RequestDirectives
  readonly isAuthorized: boolean
  /** Scheme and host. */
  readonly origin: string
  /** Told once what can be shared with requests that wait: what is to be stored, before it is. */
  readonly share: (stored: StoredResponse | undefined) => void
}

/** Asks the handler. @returns what the client is to be sent */
export type Forward = (given: Forwarded, plan: Plan) => Promise<Response>

/** @returns a function for all requests of one middleware */
export function createForward(options: ResolvedOptions): Forward {
  const { name } = options

  return async function forward(given, plan) {
    const { c, next, lookup } = given
    const { found } = lookup
    const original = c.req.raw
    const { routeIndex } = c.req
    const asked = requestFor(given)
    const requestAt = Date.now()
    c.req.raw = asked
    await next()
    c.req.raw = original
    const response = c.res
    const responseAt = Date.now()
    const status: CacheStatus = { ...statusOf(plan, lookup), fwdStatus: response.status }
    const { directives, isAuthorized, cache, query } = given
    const request = { method: original.method, isAuthorized, noStore: directives.noStore }
    const exchange: Exchange = { cache, options, query, lookup, request, requestAt, responseAt, origin: given.origin, tags: options.tags?.(c) ?? [] }

    if (found !== undefined && response.status === 304 && asked !== original) {
      if (isAboutStored(response.headers, found, responseAt)) return validated(given, found, response, exchange, status)
      given.share(undefined)
      return askAgain(prepareRedispatch(c, routeIndex), asked, status)
    }
    const isHead = request.method === 'HEAD' && response.status === 200
    if (found !== undefined && isHead && isConfirmedByHead(response.headers, found, responseAt)) {
      await response.body?.cancel()
      return validated(given, found, response, exchange, status)
    }
    if (found !== undefined && isErrorStatus(response.status)) {
      const instead = await insteadOfError(c, found, status, response)
      if (instead !== undefined) {
        given.share(undefined)
        return instead
      }
    }
    const pending = c.error === undefined ? await prepareStore(response, exchange) : undefined
    if (pending !== undefined) return stored(given, response, pending, status)
    given.share(undefined)
    if (found !== undefined && isOver(found, request, response, responseAt)) await forget(cache, [query.text], query.memo.hash)
    return unstored(original, response, status, responseAt)
  }

  function statusOf(plan: Plan, { reason, id }: Lookup): CacheStatus {
    return {
      fwd: plan === 'validate' || plan === 'fresh' ? 'stale' : plan,
      ...(reason === undefined ? {} : { detail: reason }),
      ...(options.showKey ? { key: id } : {}),
    }
  }

  /** Where nothing can come of the store, the handler is asked just as the client asked. */
  function requestFor({ c, lookup, directives }: Forwarded): Request {
    const { raw } = c.req
    if ((raw.method !== 'GET' && lookup.found === undefined) || lookup.reason !== undefined || directives.noStore) return raw
    const headers = conditionalHeaders(raw.headers, lookup.found, lookup.found === undefined && !options.fillRanges)
    return headers === undefined ? raw : new Request(raw, { headers })
  }

  /** A 304, or the answer to a HEAD that comes to the same: the stored response with the new fields, fresh again. */
  async function validated(
    { cache, query, c, share }: Forwarded,
    found: StoredResponse,
    response: Response,
    exchange: Exchange,
    status: CacheStatus,
  ): Promise<Response> {
    const headers = updatedFields(found, response.headers)
    const asGet = { ...exchange, request: { ...exchange.request, method: 'GET' } }
    const pending = await prepareStore({ status: found.status, headers }, asGet)
    const updated = pending?.with(found.body) ?? { ...found, headers: [...headers] }
    share(pending && updated)
    if (pending === undefined) await forget(cache, [query.text], query.memo.hash)
    else await finish(c, options, pending.saveAs(updated))
    return answer(c.req.raw, updated, { ...status, ttl: remainingLifetime(updated, Date.now()), stored: pending !== undefined })
  }

  /** A 304 that speaks of another representation answers nothing: the handler is asked without conditions. */
  async function askAgain(redispatch: Redispatch, asked: Request, status: CacheStatus): Promise<Response> {
    const headers = new Headers(asked.headers)
    for (const one of CONDITIONS) headers.delete(one)
    return withStatus(await redispatch(new Request(asked, { headers })), cacheStatus(name, status))
  }

  /** A stale response in its place (RFC 5861 §4), or 504 where a stale one must not be used (RFC 9111 §5.2.2.2). */
  async function insteadOfError(c: Context, found: StoredResponse, status: CacheStatus, response: Response): Promise<Response | undefined> {
    const now = Date.now()
    const isCutOff = c.error !== undefined && found.freshness.isStrict
    if (!isCutOff && !canReplaceError(found, now)) return undefined
    await response.body?.cancel()
    if (isCutOff) return new Response(null, { status: 504, headers: { 'cache-status': cacheStatus(name, status) } })
    return answer(c.req.raw, found, { ...status, ttl: remainingLifetime(found, now) })
  }

  function answer(request: Request, from: StoredResponse, status: CacheStatus): Response {
    return toResponse(answerFrom(from, request.method, request.headers, Date.now()), cacheStatus(name, status))
  }

  /** Conditions were kept from the handler, so that they are answered here also for what is not stored. */
  async function unstored(request: Request, response: Response, status: CacheStatus, responseAt: number): Promise<Response> {
    const text = cacheStatus(name, status)
    if (request.method !== 'GET' || !isConditional(request.headers)) return withStatus(response, text)
    const headers = [...response.headers]
    if (!isNotModified(request.headers, { status: response.status, headers, responseAt }, responseAt)) return withStatus(response, text)
    await response.body?.cancel()
    const kept = headers.filter(([one]) => isKeptIn304(one)).map(([one, value]): [string, string] => [one, value])
    return withStatus(new Response(null, { status: 304, headers: kept }), text)
  }

  async function stored({ c, share }: Forwarded, response: Response, pending: Pending, status: CacheStatus): Promise<Response> {
    const { method, headers } = c.req.raw
    const empty = pending.with('')
    const now = Date.now()
    const text = cacheStatus(name, { ...status, ttl: remainingLifetime(empty, now), stored: true })
    const isKnown = isNotModified(headers, empty, now)
    const isPart = options.fillRanges && headers.has('range')
    if (response.body !== null && !isKnown && !isPart) return withStatus(recorded(c, response, pending, share), text)
    // The client wants less than the store: the body is read to its end first.
    const taken = await takeBody(response, options.maxBodyBytes)
    if ('bytes' in taken) {
      share(pending.whole(taken.bytes))
      await finish(c, options, pending.save(taken.bytes))
      return toResponse(answerFrom(pending.with(taken.bytes), method, headers, now), text)
    }
    share(undefined)
    if (!isKnown) return withStatus(taken.rest, text)
    await taken.rest.body?.cancel()
    return toResponse(answerFrom(empty, method, headers, now), text)
  }

  function recorded(c: Context, response: Response, pending: Pending, share: Forwarded['share']): Response {
    const waitUntil = backgroundOf(c, options)
    let settle: (() => void) | undefined
    waitUntil?.(new Promise<void>((resolve) => (settle = resolve)))
    return recordBody(response, options.maxBodyBytes, (bytes) => {
      share(bytes && pending.whole(bytes))
      const written = (bytes === undefined ? Promise.resolve(false) : pending.save(bytes)).then(() => settle?.())
      // Without waitUntil the body ends when the write has been answered: a process may be frozen once the response is complete.
      return waitUntil === undefined || pending.isTagged ? written : undefined
    })
  }
}

/** A response that is not to be stored, but says of the one that is stored that it is over; HEAD by its validators (RFC 9111 §4.3.5). */
function isOver(found: StoredResponse, { method, isAuthorized, noStore }: Exchange['request'], { status, headers }: Response, now: number): boolean {
  if (isAuthorized || noStore || isErrorStatus(status)) return false
  return method === 'GET' || (status === 200 && isRefutedByHead(headers, found, now))
}
