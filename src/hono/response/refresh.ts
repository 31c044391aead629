import { remainingLifetime, type StoredResponse } from '../../http/stored.ts'
import { isAboutStored, isOver, updatedFields } from '../../http/validate.ts'
import { internalsOf } from '../../facade/internals.ts'
import type { Invocation } from '../../facade/types.ts'
import { askTags } from './ask-option.ts'
import { backgroundOf, dropBody } from './background.ts'
import { conditionalHeaders } from './conditional-headers.ts'
import type { Forwarded } from './forwarded.ts'
import { prepareRedispatch } from './redispatch.ts'
import { attached, variablesOf } from '../request-cache.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { forget } from './forget.ts'
import { takeLease } from './lease.ts'
import { type Exchange, type Pending, prepareStore } from './prepare-store.ts'
import { requestWith } from './request-with.ts'
import { takeBody } from './take-body.ts'

/** ms for the body of a fresh response. */
const BODY_MS = 30_000

/**
 * Fetches a fresh response while the client has the stale one (RFC 5861 §3).
 *
 * @returns false where the platform has no way to work after the response
 */
export function refreshInBackground(given: Forwarded, stale: StoredResponse, options: ResolvedOptions): boolean {
  const { c, root, query, lookup } = given
  const { now } = internalsOf(root)
  // What its refresh brings could not be stored; the next request refreshes.
  if (given.directives.noStore) return true
  const waitUntil = backgroundOf(c, options)
  if (waitUntil === undefined) return false
  // Of its own: the request's signal fires when the request is over.
  const headers = conditionalHeaders(query.headers, stale, false) ?? query.headers
  const request = requestWith(c.req.raw, headers, null)
  const redispatch = prepareRedispatch(c)
  const isAttached = attached(c) !== undefined
  // A refresh that fails leaves the stale response to its window, and the next request to try again.
  waitUntil(refresh().catch(() => {}))
  return true

  async function refresh(): Promise<void> {
    // The request's own invocation ends with its response.
    const cache = root.invocation()
    try {
      const lease = await takeLease(cache, lookup.id, stale, query.memo.hash)
      const fresh = lease && (await refetch(cache))
      if (fresh !== undefined) await lease?.shorten(remainingLifetime(fresh, now()))
    } finally {
      await cache.close()
    }
  }

  /** @returns what is stored now, where Redis confirmed */
  async function refetch(cache: Invocation): Promise<StoredResponse | undefined> {
    const requestAt = now()
    let tags: Exchange['tags'] | undefined
    const replaced = isAttached ? variablesOf({ root, invocation: cache, isDone: false }) : {}
    const response = await redispatch(request, replaced, (inner) => (tags = askTags(options, internalsOf(cache), inner)))
    const responseAt = now()
    const isValidated = response.status === 304 && isAboutStored(response.headers, stale, responseAt)
    const head = isValidated ? { status: stale.status, headers: updatedFields(stale, response.headers) } : response
    const asked = { method: 'GET', isAuthorized: given.isAuthorized, noStore: false }
    const pending =
      tags && (await prepareStore(head, { cache, options, query, lookup, request: asked, requestAt, responseAt, origin: given.origin, tags }))
    if (pending === undefined) {
      dropBody(response)
      if (tags !== undefined && isOver(stale, asked, response, responseAt)) await forget(cache, [query.text], query.memo.hash)
      return undefined
    }
    const fresh = isValidated ? pending.with(stale.body) : await takeWhole(response, pending)
    return fresh !== undefined && (await pending.save(fresh)) ? fresh : undefined
  }

  async function takeWhole(response: Response, pending: Pending): Promise<StoredResponse | undefined> {
    const taken = await takeBody(response, options.maxBodyBytes, BODY_MS)
    if ('bytes' in taken) return pending.whole(taken.bytes)
    dropBody(taken.rest)
    return undefined
  }
}
