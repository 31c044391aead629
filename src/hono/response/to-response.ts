import type { Answer } from '../../http/answer.ts'

/** An answer as a Response, with this cache's member of Cache-Status. */
export function toResponse({ status, headers, body }: Answer, cacheStatus: string): Response {
  headers['cache-status'] = cacheStatus
  return new Response(body, { status, headers })
}

/** A handler's response with this cache's member of Cache-Status behind those that are there. */
export function withStatus(response: Response, cacheStatus: string): Response {
  // A WebSocket's: a copy would lose the socket.
  if (response.status === 101) return response
  try {
    response.headers.append('cache-status', cacheStatus)
    return response
  } catch {
    // What `fetch` returned cannot be changed.
    const copy = new Response(response.body, response)
    copy.headers.append('cache-status', cacheStatus)
    return copy
  }
}
