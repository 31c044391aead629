import { parseHttpDate } from './http-date.ts'
import { storedField, type StoredResponse } from './stored.ts'

/** Weak comparison looks at these alone, not at what stands before them (RFC 9110 §8.8.3.2). */
const OPAQUE_TAGS = /"[^"]*"/g

/** Whether the client's own conditions say that it has the response already: answer 304 (RFC 9111 §4.3.2). */
export function isNotModified(request: Headers, stored: Pick<StoredResponse, 'status' | 'headers' | 'responseAt'>, now: number): boolean {
  if (stored.status !== 200) return false
  const noneMatch = request.get('if-none-match')
  if (noneMatch !== null) {
    if (noneMatch.trim() === '*') return true
    const etag = storedField(stored, 'etag')?.replace(/^W\//, '')
    return etag !== undefined && noneMatch.match(OPAQUE_TAGS)?.includes(etag) === true
  }
  const sinceAt = parseHttpDate(request.get('if-modified-since'), now)
  if (sinceAt === undefined) return false
  const modifiedAt = parseHttpDate(storedField(stored, 'last-modified') ?? storedField(stored, 'date'), now)
  return (modifiedAt ?? stored.responseAt) <= sinceAt
}

/** Fields that describe a body: a 304 has none to describe (RFC 9110 §15.4.5). */
export function isKeptIn304(name: string): boolean {
  return !/^content-(?!location|security)/.test(name)
}
