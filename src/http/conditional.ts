import { parseHttpDate } from './http-date.ts'
import { storedField, type StoredResponse } from './stored.ts'

const ETAG = /(?:W\/)?"[^"]*"/g

/** Entity tags without their weakness, as weak comparison wants them (RFC 9110 §8.8.3.2). */
function weakly(tag: string): string {
  return tag.replace(/^W\//, '')
}

/** Whether a client asks with conditions that a cache may answer. */
export function isConditional(request: Headers): boolean {
  return request.has('if-none-match') || request.has('if-modified-since')
}

/** Whether the client's own conditions say that it has the response already: answer 304 (RFC 9111 §4.3.2). */
export function isNotModified(request: Headers, stored: Pick<StoredResponse, 'status' | 'headers' | 'responseAt'>, now: number): boolean {
  if (stored.status !== 200) return false
  const noneMatch = request.get('if-none-match')
  if (noneMatch !== null) {
    const etag = storedField(stored, 'etag')
    if (noneMatch.trim() === '*') return true
    return etag !== null && (noneMatch.match(ETAG) ?? []).some((tag) => weakly(tag) === weakly(etag))
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
