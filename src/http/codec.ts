import { bodyBytes } from './body.ts'
import { isNeverStored } from './fields.ts'
import { isBodilessStatus } from './status.ts'
import type { StoredResponse } from './stored.ts'
import { isSelector } from './vary.ts'

/** Raised when the format changes: what an older version wrote is then a miss. */
const VERSION = 1

/** What is handed to the entry codec. */
export type Envelope = Readonly<Record<string, unknown>>

/** A stored response as an object for the entry codec. */
export function toEnvelope(stored: StoredResponse): Envelope {
  return { v: VERSION, ...stored }
}

/**
 * What came back, checked field by field: whoever can write to Redis must not be able to break the response apart.
 *
 * @returns undefined where anything is not as it should be
 */
export function fromEnvelope(value: unknown): StoredResponse | undefined {
  if (!isObject(value) || value['v'] !== VERSION || typeof value['key'] !== 'string') return undefined
  return isStored(value) ? value : undefined
}

function isStored(value: object): value is StoredResponse {
  const { vary, status, headers, body, responseAt, initialAge, freshness, tags } = value as Partial<Record<keyof StoredResponse, unknown>>
  const isEmpty = body === '' || (body instanceof Uint8Array && body.length === 0)
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) return false
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return false
  if (isBodilessStatus(status) && !isEmpty) return false
  if (!isInstant(responseAt) || !isInstant(initialAge)) return false
  if (!isPairs(vary, true) || !vary.every(([name]) => isSelector(name))) return false
  return isPairs(tags, false) && isPairs(headers, false) && areFields(headers, body) && isFreshness(freshness)
}

function isFreshness(value: unknown): boolean {
  if (!isObject(value)) return false
  const numbers = ['lifetime', 'swr', 'staleIfError'].every((name) => isInstant(value[name]))
  return numbers && ['isUnvalidated', 'isStrict', 'isShareable', 'isImmutable'].every((name) => typeof value[name] === 'boolean')
}

/**
 * What `Headers` would refuse, and what would break a message apart: another length than the body's, a coding of the transfer. Checked
 * here, where it makes a miss and not an error. Names are in lower case as they were written; nobody's cookie was.
 */
function areFields(pairs: readonly (readonly [string, string])[], body: string | Uint8Array): boolean {
  return pairs.every(([name, value]) => {
    if (!/^[\da-z!#$%&'*+.^_`|~-]+$/.test(name) || !/^[\t -~\x80-\xff]*$/.test(value)) return false
    if (name === 'content-length') return value === String(typeof body === 'string' ? bodyBytes(body).length : body.length)
    return name !== 'set-cookie' && !isNeverStored(name)
  })
}

function isPairs<Nullable extends boolean>(
  value: unknown,
  isNullable: Nullable,
): value is readonly (readonly [string, Nullable extends true ? string | null : string])[] {
  return Array.isArray(value) && value.every(isPair)
  function isPair(pair: unknown): boolean {
    return Array.isArray(pair) && typeof pair[0] === 'string' && (typeof pair[1] === 'string' || (isNullable && pair[1] === null))
  }
}

function isInstant(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.MAX_SAFE_INTEGER
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
