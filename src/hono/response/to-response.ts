import { answerFrom } from '../../http/answer.ts'
import { isKeptIn304 } from '../../http/conditional.ts'
import { cacheStatus, type CacheStatus } from '../../http/cache-status.ts'
import { remainingLifetime, type StoredResponse } from '../../http/stored.ts'

/**
 * The response that a stored one makes for a request, with this cache's member of Cache-Status.
 *
 * @param now epoch ms
 * @param given fields of the handler's response, where it was asked: what of them is not stored is for this client all the same
 */
export function responseFrom(
  stored: StoredResponse,
  { method, headers }: Pick<Request, 'method' | 'headers'>,
  now: number,
  name: string,
  status: CacheStatus,
  given?: Headers,
): Response {
  const answer = answerFrom(stored, method, headers, now)
  const { headers: fields } = answer
  const member = cacheStatus(name, { ...status, ttl: remainingLifetime(stored, now) })
  if (given === undefined) fields['cache-status'] = member
  const response = new Response(
    answer.body,
    isEncoded(fields['content-encoding'], stored.body) ? Object.assign(answer, { encodeBody: 'manual' }) : answer,
  )
  if (given === undefined) return response
  for (const [field, value] of given) if (!Object.hasOwn(fields, field) && isKeptIn304(field)) response.headers.append(field, value)
  return withStatus(response, member)
}

/**
 * Whether the stored bytes are in the coding that Content-Encoding names: workerd encodes what it is not told is encoded already, and
 * hands on what `fetch` brought decoded under the same name. Text is in no coding, and gzip begins with a byte of its own.
 */
function isEncoded(coding: string | undefined, body: StoredResponse['body']): boolean {
  return coding !== undefined && typeof body !== 'string' && (coding !== 'gzip' || body[0] === 0x1f)
}

/** Nothing that may be used (RFC 9111 §5.2.1.7, §5.2.2.2). */
export function gatewayTimeout(name: string, status: CacheStatus): Response {
  return new Response(null, { status: 504, headers: { 'cache-status': cacheStatus(name, status) } })
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
