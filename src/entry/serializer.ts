import { base64ToBytes, bytesToBase64, isBuffer, toBuffer } from './base64.ts'
import { isBoxed, isBytes, isLost, isPlain } from './json-losses.ts'
import type { Serializer } from '../options/types.ts'

/**
 * JSON as Keyv 6 writes it by default: bytes as `":base64:…"`, a bigint as `":bigint:…"`, and a string that begins with a colon
 * with one colon more. Keyv reads what is written here, and the other way round; `KeyvJsonSerializer` of keyv 6.1 writes the
 * same bytes, but for a Buffer. Values that need none of that are written and read by plain JSON, which costs a fraction.
 *
 * @throws TypeError in `stringify` where JSON would lose the value, or a part of it: a Map, an Error, a Response …
 */
export const jsonSerializer: Serializer = {
  stringify(value) {
    return JSON.stringify(needsMarks(value, 0) ? mark(value) : value)
  },
  parse(text) {
    const value: unknown = JSON.parse(text)
    return mayHaveMarks(text) ? unmark(value) : value
  },
}

/** A string value that begins with a colon follows `:`, `,` or `[` in compact JSON, and `"` alone at the very start. */
const MARK = /[:,[]":/
function mayHaveMarks(text: string): boolean {
  return MARK.test(text) || text.startsWith('":')
}

/** Deeper values take the marking path, which fails on cycles just as JSON does. */
const MAX_SCAN_DEPTH = 32
/** Told from other bytes by this behind their base64, which every decoder passes over: a Buffer comes back as one. */
const BUFFER_MARK = ' '
/** Sign and digits. Reading more takes time that grows with the square: eight million digits stop the process for seconds. */
const MAX_BIGINT_LENGTH = 4_096

/** Whether plain JSON would not write a value as it is. @param depth of the value in what is written */
function needsMarks(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.charCodeAt(0) === 58
  if (typeof value === 'bigint') return true
  if (typeof value !== 'object' || value === null) return false
  if (depth > MAX_SCAN_DEPTH || 'toJSON' in value) return true
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (needsMarks(value[index], depth + 1)) return true
    return false
  }
  if (!isPlain(value)) return true
  for (const key in value) if (needsMarks((value as Record<string, unknown>)[key], depth + 1)) return true
  return false
}

function mark(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(':') ? `:${value}` : value
  if (typeof value === 'bigint') return markBigint(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(mark)
  if (isBytes(value)) return `:base64:${bytesToBase64(value)}${isBuffer(value) ? BUFFER_MARK : ''}`
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const written: unknown = value.toJSON()
    if (written !== value) return mark(written)
  }
  if (!isPlain(value)) {
    if (isBoxed(value)) return mark(value.valueOf())
    if (isLost(value)) throw new TypeError('The value holds what JSON cannot write')
  }
  // No prototype: a key named __proto__ stays a key.
  const marked = Object.create(null) as Record<string, unknown>
  for (const [key, item] of Object.entries(value)) marked[key] = mark(item)
  return marked
}

function markBigint(value: bigint): string {
  const text = String(value)
  if (text.length > MAX_BIGINT_LENGTH) throw new RangeError('The value holds a bigint that is too long to be read back')
  return `:bigint:${text}`
}

/** In place: the value was made by JSON.parse a moment ago and nobody else holds it. */
function unmark(value: unknown): unknown {
  if (typeof value === 'string') return value.charCodeAt(0) === 58 ? unmarkString(value) : value
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) value[index] = unmark(value[index])
    return value
  }
  if (typeof value !== 'object' || value === null) return value
  for (const [key, item] of Object.entries(value)) {
    const plain = unmark(item)
    // Assigning __proto__ would set the prototype; that key holds what JSON.parse put there.
    if (plain !== item) Object.defineProperty(value, key, { value: plain, writable: true, enumerable: true, configurable: true })
  }
  return value
}

/** @throws where it is no number, or a longer one than is written */
function unmarkString(text: string): unknown {
  if (text.startsWith(':bigint:')) {
    if (text.length > ':bigint:'.length + MAX_BIGINT_LENGTH) throw new RangeError('A stored bigint is too long to be read')
    return BigInt(text.slice(':bigint:'.length))
  }
  if (!text.startsWith(':base64:')) return text.slice(1)
  const bytes = base64ToBytes(text.slice(':base64:'.length))
  return text.endsWith(BUFFER_MARK) ? toBuffer(bytes) : bytes
}
