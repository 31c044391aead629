import type { Context, MiddlewareHandler, Next } from 'hono'
import { answerFrom } from '../http/answer.ts'
import { bypassReason } from '../http/bypass.ts'
import { cacheStatus, type CacheStatus } from '../http/cache-status.ts'
import { invalidatedUrls, isSafeMethod } from '../http/invalidate.ts'
import { invalidatedGroups } from '../http/groups.ts'
import { keyText, originOf, parseTarget } from '../http/key.ts'
import { requestDirectives } from '../http/request-directives.ts'
import { decideReuse } from '../http/reuse.ts'
import { remainingLifetime, type StoredResponse } from '../http/stored.ts'
import { matchesVary, selectingValues, variantText } from '../http/vary.ts'
import { createCoalesce } from '../policy/coalesce.ts'
import type { CacheOperations } from '../types.ts'
import { cacheFrom } from './cache-source.ts'
import { createForward, type Forwarded } from './response/forward.ts'
import { setResponse, takeOuterHeaders } from './response/outer-headers.ts'
import { type Plan, planFor, withoutStrangers } from './response/plan.ts'
import { attached } from './request-cache.ts'
import { refreshAside } from './response/refresh.ts'
import { type ResolvedOptions, resolveOptions, type ResponseCacheOptions } from './response-cache-options.ts'
import { createMemo, type ResponseMemo } from './response/memo.ts'
import { find, forget, type Lookup, type Query } from './response/store.ts'
import { toResponse, withStatus } from './response/to-response.ts'

/**
 * Middleware: a shared HTTP cache (RFC 9111) in Redis for the handlers behind it. What is stored is what responses allow to be
 * stored; `Cache-Status` (RFC 9211) on every response says what happened. A Redis that is down costs one bounded attempt at most.
 *
 * @throws TypeError or RangeError that names the option
 * @example
 * ```ts
 * app.use(cacheContext({ cache }))
 * app.get('/api/*', responseCache({ ttl: 60_000, swr: 300_000 }))
 * ```
 */
export function responseCache(options: ResponseCacheOptions = {}): MiddlewareHandler {
  const resolved = resolveOptions(options)
  const cacheOf = options.cache === undefined ? undefined : cacheFrom(options.cache)
  const memo = createMemo()
  const forward = createForward(resolved)
  const collapse = resolved.collapse > 0 ? createCoalesce<StoredResponse>(Date.now) : undefined

  return async function responseCache(c, next) {
    const root = cacheOf?.(c.env) ?? attached(c)?.root
    if (root === undefined) throw new TypeError('responseCache: needs the option cache, or cacheContext before it')
    const cache = cacheOf === undefined ? (attached(c)?.invocation ?? root) : root
    const { method, url, headers } = c.req.raw
    const target = parseTarget(url)
    if (!isSafeMethod(method)) return invalidateAfter(c, next, cache, resolved, memo)
    if (!resolved.methods.some((one) => one === method)) return pass(c, next, { fwd: 'method' }, resolved)
    const reason = target === undefined ? 'url' : resolved.skip?.(c) === true ? 'skip' : bypassReason(c.req.raw, target, resolved)
    if (target === undefined || reason !== undefined)
      return pass(c, next, { fwd: 'bypass', ...(reason === undefined ? {} : { detail: reason }) }, resolved)

    const text = keyText(target, { allowQuery: resolved.allowQuery, key: resolved.key?.(c) })
    const query: Query = { text, headers, declared: resolved.declared, memo }
    const directives = requestDirectives(headers, resolved.reload)
    const isAuthorized = resolved.credentialHeaders.some((name) => headers.has(name))
    const lookup = withoutStrangers(await find(cache, query), isAuthorized)
    // Nothing is stored in an outage, so that nothing need be kept apart.
    if (lookup.reason !== undefined && !directives.onlyIfCached) return pass(c, next, { fwd: 'miss', detail: lookup.reason }, resolved)
    const outer = takeOuterHeaders(c)
    const plan = planFor(lookup, directives, Date.now())
    const { found } = lookup
    if (found !== undefined && plan === 'fresh') return setResponse(c, hit(c, found, lookup, resolved), outer)
    if (directives.onlyIfCached) return setResponse(c, gatewayTimeout(resolved, lookup), outer)
    const isShared = collapse !== undefined && isMiss(plan) && lookup.reason === undefined && method === 'GET' && !isAuthorized
    const selected = isShared ? variantText(text, selectingValues(headers, resolved.declared)) : ''
    const theirs = isShared ? await collapse.join(selected, resolved.collapse) : undefined
    if (theirs !== undefined && matchesVary(theirs, headers) && decideReuse(theirs, directives, Date.now()) === 'fresh') {
      return setResponse(c, collapsed(c, theirs, plan, resolved), outer)
    }
    const share = isShared ? collapse.lead(selected).settle : () => {}
    const given: Forwarded = { c, next, root, cache, query, lookup, directives, isAuthorized, origin: originOf(target), share }
    if (found !== undefined && plan === 'stale' && refreshAside(given, found, resolved)) return setResponse(c, hit(c, found, lookup, resolved), outer)
    try {
      setResponse(c, await forward(given, plan), outer)
    } catch (error) {
      share(undefined)
      throw error
    }
  }
}

function hit(c: Context, found: StoredResponse, { id }: Lookup, options: ResolvedOptions): Response {
  const now = Date.now()
  const cache = attached(c)
  if (cache !== undefined) cache.isDone = true
  const status: CacheStatus = { hit: true, ttl: remainingLifetime(found, now), ...(options.showKey ? { key: id } : {}) }
  return toResponse(answerFrom(found, c.req.raw.method, c.req.raw.headers, now), cacheStatus(options.name, status))
}

function isMiss(plan: Plan): boolean {
  return plan === 'uri-miss' || plan === 'vary-miss' || plan === 'validate'
}

/** The answer of another request that was under way. */
function collapsed(c: Context, theirs: StoredResponse, plan: Plan, { name }: ResolvedOptions): Response {
  const now = Date.now()
  const status: CacheStatus = {
    fwd: plan === 'uri-miss' || plan === 'vary-miss' ? plan : 'stale',
    ttl: remainingLifetime(theirs, now),
    collapsed: true,
  }
  return toResponse(answerFrom(theirs, c.req.raw.method, c.req.raw.headers, now), cacheStatus(name, status))
}

function gatewayTimeout({ name }: ResolvedOptions, { found, reason }: Lookup): Response {
  const status: CacheStatus = { fwd: found === undefined ? 'miss' : 'stale', ...(reason === undefined ? {} : { detail: reason }) }
  return new Response(null, { status: 504, headers: { 'cache-status': cacheStatus(name, status) } })
}

async function pass(c: Context, next: Next, status: CacheStatus, { name }: ResolvedOptions): Promise<void> {
  await next()
  const { res } = c
  // Not through `c.header`, which copies the response.
  setResponse(c, withStatus(res, cacheStatus(name, { ...status, fwdStatus: res.status })), [])
}

/** A reply to a method that may change something makes what is stored invalid (RFC 9111 §4.4), before the client has it. */
async function invalidateAfter(c: Context, next: Next, cache: CacheOperations, options: ResolvedOptions, memo: ResponseMemo): Promise<void> {
  await pass(c, next, { fwd: 'method' }, options)
  const { allowQuery } = options
  const custom = options.key?.(c)
  const texts = invalidatedUrls(c.req.raw.url, c.res.status, c.res.headers).flatMap((url, index) => {
    const target = parseTarget(url)
    return target === undefined ? [] : [keyText(target, { allowQuery, key: index === 0 ? custom : undefined })]
  })
  if (texts.length === 0) return
  const target = parseTarget(c.req.raw.url)
  const groups = target === undefined ? [] : invalidatedGroups(c.res.headers, originOf(target))
  await Promise.all([forget(cache, texts, memo.hash), groups.length > 0 && cache.invalidateTags(groups)])
}
