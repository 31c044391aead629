import type { Context } from 'hono'
import { cacheStatus, type CacheStatus } from '../../http/cache-status.ts'
import { canReplaceError } from '../../http/reuse.ts'
import { isErrorStatus } from '../../http/status.ts'
import type { StoredResponse } from '../../http/stored.ts'
import { CONDITIONS, isAboutStored, isConfirmedByHead, isOver, updatedFields } from '../../http/validate.ts'
import { internalsOf } from '../../facade/internals.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { askTags, FAILED } from './ask-option.ts'
import { dropBody, finish } from './background.ts'
import { conditionalHeaders } from './conditional-headers.ts'
import { createDelivery } from './deliver.ts'
import { forget } from './forget.ts'
import type { Lookup } from './lookup.ts'
import { givenResponse } from './outer-headers.ts'
import type { Forwarded } from './forwarded.ts'
import { forwardedFor, type Plan } from './plan.ts'
import { type Exchange, prepareStore } from './prepare-store.ts'
import { prepareRedispatch, type Redispatch } from './redispatch.ts'
import { requestWith } from './request-with.ts'
import { gatewayTimeout, responseFrom, withStatus } from './to-response.ts'

/** Asks the handler. @returns what the client is to be sent */
export type Forward = (given: Forwarded, plan: Plan) => Promise<Response>

/** @returns a function for all requests of one middleware */
export function createForward(options: ResolvedOptions): Forward {
  const { name } = options
  const { deliverStored, deliverUnstored } = createDelivery(options)

  return async function forward(given, plan) {
    const { c, next, lookup } = given
    const { found } = lookup
    const original = c.req.raw
    const { routeIndex } = c.req
    const asked = requestFor(given)
    const { now } = internalsOf(given.cache)
    const requestAt = now()
    c.req.raw = asked
    await next()
    c.req.raw = original
    const response = givenResponse(c)
    const responseAt = now()
    const { directives, isAuthorized, cache, query } = given
    const tags = askTags(options, internalsOf(cache), c)
    const untagged = tags === FAILED ? { detail: 'tags-failed' } : {}
    const status: CacheStatus = { ...untagged, ...statusOf(plan, lookup), fwdStatus: response.status }
    const request = { method: original.method, isAuthorized, noStore: directives.noStore }
    const exchange: Exchange = { cache, options, query, lookup, request, requestAt, responseAt, origin: given.origin, tags }

    if (found !== undefined && response.status === 304 && asked !== original) {
      if (isAboutStored(response.headers, found, responseAt)) return validated(given, found, response, exchange, status)
      given.share(undefined)
      return askAgain(prepareRedispatch(c, routeIndex), asked, status)
    }
    const isHead = request.method === 'HEAD' && response.status === 200
    if (found !== undefined && isHead && isConfirmedByHead(response.headers, found, responseAt)) {
      dropBody(response)
      return validated(given, found, response, exchange, status)
    }
    if (found !== undefined && isErrorStatus(response.status)) {
      const instead = await insteadOfError(c, found, status, response, responseAt)
      if (instead !== undefined) {
        given.share(undefined)
        return instead
      }
    }
    const pending = c.error === undefined ? await prepareStore(response, exchange) : undefined
    if (pending !== undefined) return deliverStored(c, response, pending, status, given.share)
    given.share(undefined)
    if (found !== undefined && isOver(found, request, response, responseAt)) await forget(cache, [query.text], query.memo.hash)
    return deliverUnstored(original, response, status, responseAt)
  }

  function statusOf(plan: Plan, { id, failure }: Lookup): CacheStatus {
    const status = failure === undefined ? { fwd: forwardedFor(plan) } : { fwd: 'miss' as const, detail: failure.code }
    return options.showKey ? { ...status, key: id } : status
  }

  /** Where nothing can come of the store, the handler is asked just as the client asked. */
  function requestFor({ c, lookup, directives }: Forwarded): Request {
    const { raw } = c.req
    if (directives.noStore || (raw.method !== 'GET' && lookup.found === undefined)) return raw
    const headers = conditionalHeaders(raw.headers, lookup.found, lookup.found === undefined && !options.fillRanges)
    return headers === undefined ? raw : requestWith(raw, headers)
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
    const asGet = { ...exchange.request, method: 'GET' }
    const pending = await prepareStore({ status: found.status, headers }, { ...exchange, request: asGet })
    // Sent below from the 304 itself, line by line.
    headers.delete('set-cookie')
    const updated = pending?.with(found.body) ?? { ...found, headers: [...headers] }
    share(pending && updated)
    if (pending !== undefined) await finish(c, options, pending.save(updated))
    else if (isOver(found, asGet, response, exchange.responseAt)) await forget(cache, [query.text], query.memo.hash)
    return responseFrom(updated, c.req.raw, exchange.responseAt, name, { ...status, stored: pending !== undefined }, response.headers)
  }

  /** A 304 that speaks of another representation answers nothing: the handler is asked without conditions. */
  async function askAgain(redispatch: Redispatch, asked: Request, status: CacheStatus): Promise<Response> {
    const headers = new Headers(asked.headers)
    for (const one of CONDITIONS) headers.delete(one)
    return withStatus(await redispatch(requestWith(asked, headers)), cacheStatus(name, status))
  }

  /** A stale response in its place (RFC 5861 §4), or 504 where a stale one must not be used (RFC 9111 §5.2.2.2). */
  async function insteadOfError(
    c: Context,
    found: StoredResponse,
    status: CacheStatus,
    response: Response,
    now: number,
  ): Promise<Response | undefined> {
    const isCutOff = c.error !== undefined && found.freshness.isStrict
    if (!isCutOff && !canReplaceError(found, now)) return undefined
    dropBody(response)
    return isCutOff ? gatewayTimeout(name, status) : responseFrom(found, c.req.raw, now, name, status)
  }
}
