import type { FetchCache } from '../../options/types.ts'

/** One POST request. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Ends it at any point: while it connects, waits, or reads. */
  readonly signal: AbortSignal
  readonly cache: FetchCache
  /** Not over a connection from before, where the runtime can tell. */
  readonly isFresh: boolean
}

/** What it is answered with: as much of a `Response` as is used. */
export interface HttpAnswer {
  readonly status: number
  readonly type?: string
  readonly headers: { get(name: string): string | null }
  /** The bytes as they come; null where there are none. Leaving the loop early drops the rest unread. */
  readonly body: AsyncIterable<Uint8Array> | null
  text(): Promise<string>
}

/** A way to send requests. It follows no redirect: a 307 would take the values to another host. */
export interface Requester {
  /** Rejects where the request could not be sent or got no answer. */
  send(url: string, request: HttpRequest): Promise<HttpAnswer>
  /** Loads what it needs, without a connection. Never rejects. */
  load?(): Promise<void>
}

/** By the runtime's own fetch. */
export const fetchRequester: Requester = {
  send: (url, { headers, body, signal, cache }) =>
    fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal, ...(isTaken(cache) ? { cache } : {}) }),
}

/** Whether this runtime takes the field: workerd throws at it, or at some of its values, before compatibility date 2024-11-11. */
const taken = new Map<FetchCache, boolean>([['default', false]])

function isTaken(cache: FetchCache): boolean {
  const known = taken.get(cache)
  if (known !== undefined) return known
  let isKnown = true
  try {
    void new Request('https://localhost', { cache })
  } catch {
    isKnown = false
  }
  taken.set(cache, isKnown)
  return isKnown
}
