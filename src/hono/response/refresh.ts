import type { StoredResponse } from '../../http/stored.ts'
import { isAboutStored, updatedFields } from '../../http/validate.ts'
import type { Invocation } from '../../types.ts'
import { backgroundOf } from './background.ts'
import { conditionalHeaders } from './conditional-headers.ts'
import type { Forwarded } from './forward.ts'
import { prepareRedispatch } from './redispatch.ts'
import { attached, variablesOf } from '../request-cache.ts'
import type { ResolvedOptions } from '../response-cache-options.ts'
import { forget, takeLease } from './store.ts'
import { prepareStore } from './prepare-store.ts'
import { takeBody } from './take-body.ts'

/**
 * Fetches a fresh response while the client has the stale one (RFC 5861 §3).
 *
 * @returns false where the platform has no way to work after the response
 */
export function refreshAside(given: Forwarded, stale: StoredResponse, options: ResolvedOptions): boolean {
  const { c, root, query, lookup } = given
  const waitUntil = backgroundOf(c, options)
  if (waitUntil === undefined) return false
  // Of its own: the request's signal fires when the request is over.
  const headers = conditionalHeaders(query.headers, stale, false) ?? query.headers
  const request = new Request(c.req.raw.url, { headers })
  const redispatch = prepareRedispatch(c)
  const tags = options.tags?.(c) ?? []
  const isAttached = attached(c) !== undefined
  // A refresh that fails leaves the stale response to its window, and the next request to try again.
  waitUntil(withInvocation(refresh).catch(() => {}))
  return true

  /** The request's own invocation ends with its response. */
  async function withInvocation(work: (cache: Invocation) => Promise<void>): Promise<void> {
    const cache = root.invocation()
    try {
      await work(cache)
    } finally {
      await cache.close()
    }
  }

  async function refresh(cache: Invocation): Promise<void> {
    if (!(await takeLease(cache, lookup.id))) return
    const requestAt = Date.now()
    const response = await redispatch(request, isAttached ? variablesOf({ root, invocation: cache, isDone: false }) : {})
    const responseAt = Date.now()
    const isValidated = response.status === 304 && isAboutStored(response.headers, stale, responseAt)
    const head = isValidated ? { status: stale.status, headers: updatedFields(stale, response.headers) } : response
    const asked = { method: 'GET', isAuthorized: given.isAuthorized, noStore: given.directives.noStore }
    const pending = await prepareStore(head, { cache, options, query, lookup, request: asked, requestAt, responseAt, origin: given.origin, tags })
    if (pending === undefined) {
      await response.body?.cancel()
      if (response.status < 500) await forget(cache, [query.text], query.memo.hash)
    } else if (isValidated) await pending.saveAs(pending.with(stale.body))
    else {
      const taken = await takeBody(response, options.maxBodyBytes)
      if ('bytes' in taken) await pending.save(taken.bytes)
      else await taken.rest.body?.cancel()
    }
  }
}
