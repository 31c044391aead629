import { bodyBytes } from './body.ts'
import type { StoringRequest } from './cacheable.ts'
import type { Head } from './freshness.ts'
import { parseHttpDate } from './http-date.ts'
import { type Field, storedField, type StoredResponse } from './stored.ts'

/** The fields of a request that are answered from the store, so that they must not reach the handler. */
export const CONDITIONS: readonly string[] = ['if-none-match', 'if-modified-since', 'if-range', 'range']

/** The conditions under which a stored response is still good; empty where it has no validator (RFC 9111 §4.3.1). */
export function validators(stored: StoredResponse): readonly Field[] {
  return stored.headers.flatMap(([name, value]): Field[] =>
    name === 'etag' ? [['if-none-match', value]] : name === 'last-modified' ? [['if-modified-since', value]] : [],
  )
}

/** Whether the validators of a 304, or of the answer to a HEAD, are those of the stored response (RFC 9111 §4.3.4). */
export function isAboutStored(headers: Headers, stored: StoredResponse, now: number): boolean {
  const etag = headers.get('etag')
  if (etag !== null) return etag === storedField(stored, 'etag')
  const modified = headers.get('last-modified')
  if (modified === null) return true
  return parseHttpDate(modified, now) === parseHttpDate(storedField(stored, 'last-modified'), now)
}

/** Whether the answer to a HEAD says by a validator, and by its length if it states one, that the stored response is still good (RFC 9111 §4.3.5). */
export function isConfirmedByHead(headers: Headers, stored: StoredResponse, now: number): boolean {
  const hasValidator = headers.has('etag') || headers.has('last-modified')
  return hasValidator && isAboutStored(headers, stored, now) && hasLengthOf(headers, stored)
}

/**
 * Whether a response that is not to be stored says of the one that is stored that it is over; HEAD by its validators and its length
 * (RFC 9111 §4.3.5). Not what was said to somebody with credentials, or to whom wanted nothing stored: it is not for the others.
 */
export function isOver(stored: StoredResponse, request: StoringRequest, { status, headers }: Head, now: number): boolean {
  if (request.isAuthorized || request.noStore || status >= 500) return false
  return request.method === 'GET' || (status === 200 && !(isAboutStored(headers, stored, now) && hasLengthOf(headers, stored)))
}

function hasLengthOf(headers: Headers, { body }: StoredResponse): boolean {
  const stated = headers.get('content-length')
  return stated === null || stated === String(bodyBytes(body).length)
}

/** What says how the stored bytes are to be read stays with them. */
const BOUND = new Set(['content-length', 'content-encoding', 'content-range'])

/** The stored fields with those of a 304 in their place (RFC 9111 §3.2); of several `Set-Cookie`, which are never stored, the last. */
export function updatedFields(stored: StoredResponse, headers: Headers): Headers {
  const updated = new Headers(stored.headers.map(([name, value]): [string, string] => [name, value]))
  // A 304 without Date was made now; the old one would make the response old again.
  updated.delete('date')
  for (const [name, value] of headers) if (!BOUND.has(name)) updated.set(name, value)
  return updated
}
