import type { Context, MiddlewareHandler, Next } from 'hono'
import { bypassReason } from '../http/bypass.ts'
import { cacheStatus, type CacheStatus } from '../http/cache-status.ts'
import { isSafeMethod } from '../http/invalidate.ts'
import { keyText, originOf } from '../http/key.ts'
import { requestDirectives } from '../http/request-directives.ts'
import type { StoredResponse } from '../http/stored.ts'
import { internalsOf } from '../facade/internals.ts'
import type { StoreContext } from '../store/context.ts'
import { cacheFrom } from './cache-source.ts'
import { attached } from './request-cache.ts'
import { REDISPATCHED } from './response-end.ts'
import { askKey, askSkip, FAILED } from './response/ask-option.ts'
import { createCollapse } from './response/collapse.ts'
import { createForward } from './response/forward.ts'
import type { Forwarded } from './response/forwarded.ts'
import { invalidateBy } from './response/invalidate.ts'
import { type Lookup, lookUp, type Query } from './response/lookup.ts'
import { createMemo } from './response/memo.ts'
import { givenResponse, putBackOuterHeaders, setResponse, takeOuterHeaders } from './response/outer-headers.ts'
import { forwardedFor, planFor, withoutStrangers } from './response/plan.ts'
import { refreshInBackground } from './response/refresh.ts'
import { gatewayTimeout, responseFrom, withStatus } from './response/to-response.ts'
import { type ResolvedOptions, resolveOptions } from './response/resolve-options.ts'
import type { ResponseCacheOptions } from './response-cache-options.ts'
import { waitUntilOf } from './wait-until.ts'

/**
 * Middleware: a shared HTTP cache (RFC 9111) in Redis for the handlers behind it. What is stored is what responses allow to be
 * stored; `Cache-Status` (RFC 9211) on every response says what happened. A Redis that is down costs one bounded attempt at most.
 *
 * @throws TypeError or RangeError that names the option
 * @example
 * ```ts
 * app.use(cacheContext({ cache }))
 * app.use('/api/*', responseCache({ ttl: 60_000, swr: 300_000 }))
 * ```
 */
export function responseCache(options: ResponseCacheOptions = {}): MiddlewareHandler {
  const resolved = resolveOptions(options)
  const { name } = resolved
  const cacheOf = options.cache === undefined ? undefined : cacheFrom(options.cache)
  const memo = createMemo(resolved.allowQuery)
  const forward = createForward(resolved)
  const collapseOf = createCollapse(resolved.collapse)

  return async function responseCache(c, next) {
    // Another one, further out, asks for what the handler says: it has what is stored itself.
    if (c.get(REDISPATCHED) === true) return next()
    const root = cacheOf?.(c.env) ?? attached(c)?.root
    if (root === undefined) throw new TypeError('responseCache: needs the option cache, or cacheContext before it')
    const cache = cacheOf === undefined ? (attached(c)?.invocation ?? root) : root
    const { method, url, headers } = c.req.raw
    if (!isSafeMethod(method)) {
      await pass(c, next, name, { fwd: 'method' })
      return invalidateBy(c, cache, resolved, memo)
    }
    if (!resolved.methods.some((one) => one === method)) return pass(c, next, name, { fwd: 'method' })
    const context = internalsOf(cache)
    if (isKnownOutage(context, headers)) return pass(c, next, name, { fwd: 'miss', detail: 'cooldown' })
    const resource = memo.resource(context, url)
    if (resource === undefined) return pass(c, next, name, { fwd: 'bypass', detail: 'url' })
    // Both are getters of the request, and dear ones on Node: asked for once.
    const request = { method, headers }
    const skips = askSkip(resolved, context, c)
    if (skips === FAILED) return pass(c, next, name, { fwd: 'bypass', detail: 'skip-failed' })
    const bypass = skips ? 'skip' : bypassReason(request, resource.target, resolved)
    // An edge takes no URL from a request line; it is Miniflare's `dispatchFetch` that hands over a Host of its own.
    const isHarmless = bypass === undefined || (bypass === 'host' && waitUntilOf(c) !== undefined)
    if (!isHarmless) return pass(c, next, name, { fwd: 'bypass', detail: bypass })

    const key = askKey(resolved, context, c)
    if (key === FAILED) return pass(c, next, name, { fwd: 'bypass', detail: 'key-failed' })
    const text = key === undefined ? resource.text : keyText(context.options.keys.prefix, resource.target, { key })
    const query: Query = { text, headers, declared: resolved.declared, isNormalized: resolved.normalizeVary, memo }
    const directives = requestDirectives(headers, resolved.reload)
    const isAuthorized = someOf(headers, resolved.credentialHeaders)
    const lookup = withoutStrangers(await lookUp(context, query), isAuthorized)
    // Nothing is stored in an outage, so that nothing need be kept apart; but for copies.
    if (lookup.failure !== undefined && !directives.onlyIfCached && !keepsUnconfirmed(context)) {
      return pass(c, next, name, { fwd: 'miss', detail: lookup.failure.code })
    }
    const outer = takeOuterHeaders(c)
    // The cache's clock, which knows of tests, everywhere: instants of two clocks must not be compared.
    const now = context.now()
    const plan = planFor(lookup, directives, now)
    const { found } = lookup
    if (found !== undefined && plan === 'fresh') return setResponse(c, hit(c, request, found, lookup, now, resolved), outer)
    // Not `fwd`: it went to nobody (RFC 9211 §2.2).
    if (directives.onlyIfCached) return setResponse(c, gatewayTimeout(name, { detail: lookup.failure?.code ?? 'only-if-cached' }), outer)
    const collapse = isAuthorized ? undefined : collapseOf(root, { query, method, plan, directives, now: context.now })
    const theirs = collapse?.theirs && (await collapse.theirs)
    if (theirs !== undefined) {
      return setResponse(c, responseFrom(theirs, request, context.now(), name, { fwd: forwardedFor(plan), collapsed: true }), outer)
    }
    const share = collapse?.share ?? (() => {})
    const given: Forwarded = { c, next, root, cache, query, lookup, directives, isAuthorized, origin: originOf(resource.target), share }
    if (found !== undefined && plan === 'stale' && refreshInBackground(given, found, resolved)) {
      return setResponse(c, hit(c, request, found, lookup, now, resolved), outer)
    }
    try {
      setResponse(c, await forward(given, plan), outer)
    } catch (error) {
      share(undefined)
      putBackOuterHeaders(c, outer)
      throw error
    }
  }
}

/** One walk over what is there: most requests have none of the many. */
function someOf(headers: Headers, names: ReadonlySet<string>): boolean {
  for (const name of headers.keys()) if (names.has(name)) return true
  return false
}

/** What Redis cannot be given is kept as a copy. */
function keepsUnconfirmed({ options }: StoreContext): boolean {
  return options.memory !== undefined && options.memory.outage > 0
}

/** Nothing would be looked up or stored, so that nothing need be known of the request; where somebody listens, each lookup is told. */
function isKnownOutage({ report, isCooling, copies }: StoreContext, headers: Headers): boolean {
  return report === undefined && copies === undefined && isCooling() && !headers.has('cache-control')
}

function hit(
  c: Context,
  request: Pick<Request, 'method' | 'headers'>,
  found: StoredResponse,
  { id, origin }: Lookup,
  now: number,
  { name, showKey }: ResolvedOptions,
): Response {
  const cache = attached(c)
  if (cache !== undefined) cache.isDone = true
  const status = origin?.copy === undefined ? { hit: true } : { hit: true, detail: 'memory' }
  return responseFrom(found, request, now, name, showKey ? { ...status, key: id } : status)
}

async function pass(c: Context, next: Next, name: string, status: CacheStatus): Promise<void> {
  await next()
  const res = givenResponse(c)
  // Not through `c.header`, which copies the response.
  setResponse(c, withStatus(res, cacheStatus(name, { ...status, fwdStatus: res.status })), [])
}
