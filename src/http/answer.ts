import { bodyBytes } from './body.ts'
import { isKeptIn304, isNotModified } from './conditional.ts'
import { requestedRange } from './range.ts'
import { isBodilessStatus } from './status.ts'
import { currentAge, type StoredResponse } from './stored.ts'

/** What a client is sent. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array<ArrayBuffer> | null
}

/** The response that a stored one makes for a request: whole, a part of it (206, 416), or 304. `Date` stays, `Age` is added. */
export function answerFrom(stored: StoredResponse, method: string, request: Headers, now: number): Answer {
  const isUnmodified = isNotModified(request, stored, now)
  const headers: Record<string, string> = { ...fieldsOf(stored).record }
  if (isUnmodified) dropBodyFields(headers)
  headers['age'] = String(Math.floor(currentAge(stored, now) / 1000))
  if (isUnmodified) return { status: 304, headers, body: null }
  if (method === 'HEAD') {
    if (!isBodilessStatus(stored.status)) headers['content-length'] ??= String(bodyBytes(stored.body).length)
    return { status: stored.status, headers, body: null }
  }
  if (request.has('range')) return partOf(stored, request, headers, now)
  return { status: stored.status, headers, body: wholeBody(stored, headers) }
}

/** Where no body is sent, nothing describes one. */
function dropBodyFields(headers: Record<string, string>): void {
  for (const name in headers) if (!isKeptIn304(name)) delete headers[name]
}

/** The stored fields, lines of one name joined. */
interface Fields {
  readonly record: Readonly<Record<string, string>>
  readonly isAscii: boolean
}

/** Worked out once: most stored responses are sent many times. */
const fieldsKnown = new WeakMap<StoredResponse, Fields>()
const BEYOND_ASCII = /[^ -~\t]/

function fieldsOf(stored: StoredResponse): Fields {
  const known = fieldsKnown.get(stored)
  if (known !== undefined) return known
  const record: Record<string, string> = {}
  for (const [name, value] of stored.headers) {
    // Own fields only: one may be called `constructor`.
    record[name] = Object.hasOwn(record, name) ? `${record[name]}, ${value}` : value
  }
  const fields = { record, isAscii: !stored.headers.some(([, value]) => BEYOND_ASCII.test(value)) }
  fieldsKnown.set(stored, fields)
  return fields
}

/**
 * Text is sent as bytes where it has no type, since the platform would invent one, and beside fields beyond ASCII: Node writes
 * those as UTF-8 with a text, and Content-Disposition also where it works out the length by itself.
 */
function wholeBody(stored: StoredResponse, headers: Record<string, string>): Answer['body'] {
  const { status, body } = stored
  if (isBodilessStatus(status)) return null
  const { isAscii } = fieldsOf(stored)
  if (isAscii && 'content-type' in headers) return body
  const bytes = bodyBytes(body)
  if (!isAscii) headers['content-length'] ??= String(bytes.length)
  return bytes
}

function partOf(stored: StoredResponse, request: Headers, headers: Record<string, string>, now: number): Answer {
  const bytes = bodyBytes(stored.body)
  const range = requestedRange(request, stored, bytes.length, now)
  if (range === undefined) return { status: stored.status, headers, body: wholeBody(stored, headers) }
  if (range === 'unsatisfiable') {
    dropBodyFields(headers)
    headers['content-range'] = `bytes */${bytes.length}`
    return { status: 416, headers, body: null }
  }
  const { start, end } = range
  headers['content-range'] = `bytes ${start}-${end - 1}/${bytes.length}`
  headers['content-length'] = String(end - start)
  return { status: 206, headers, body: bytes.slice(start, end) }
}
