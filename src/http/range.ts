import { parseHttpDate } from './http-date.ts'
import { storedField, type StoredResponse } from './stored.ts'

/** A part of a body: `end` is exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The part of a stored body that a request asks for (RFC 9110 §14.2).
 *
 * @returns undefined for the whole body: no range, several, a malformed one, or `If-Range` does not hold;
 *   `unsatisfiable` where nothing of it lies within the body
 */
export function requestedRange(request: Headers, stored: StoredResponse, length: number, now: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(request.get('range') ?? '')
  if (match === null || stored.status !== 200 || !holdsIfRange(request.get('if-range'), stored, now)) return undefined
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return undefined
    const suffix = Number(last)
    return suffix === 0 || length === 0 ? 'unsatisfiable' : { start: Math.max(0, length - suffix), end: length }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  return start >= length ? 'unsatisfiable' : { start, end: last === '' ? length : Math.min(length, Number(last) + 1) }
}

/** Strong comparison: a weak tag or a date that is not exactly the stored one means the whole body (RFC 9110 §13.1.5). */
function holdsIfRange(condition: string | null, stored: StoredResponse, now: number): boolean {
  if (condition === null) return true
  if (condition.startsWith('"')) return condition === storedField(stored, 'etag')
  const modified = storedField(stored, 'last-modified')
  const modifiedAt = parseHttpDate(modified, now)
  const dateAt = parseHttpDate(storedField(stored, 'date'), now) ?? stored.responseAt
  // A date is a strong validator only where it lies a second or more before the response (RFC 9110 §8.8.2.2).
  return modifiedAt !== undefined && condition === modified && dateAt - modifiedAt >= 1000
}
