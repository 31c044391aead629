import { base64ToBytes, bytesToBase64 } from './base64.ts'
import type { Serializer } from '../options/types.ts'

/**
 * JSON as Keyv 6 writes it by default: a Uint8Array as `":base64:…"`, a bigint as `":bigint:…"`, and a string that begins
 * with a colon with one colon more. Byte-compatible with `KeyvJsonSerializer` of keyv 6.1, but values that need none of
 * that are written and read by plain JSON, which costs a fraction.
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

function needsMarks(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.charCodeAt(0) === 58
  if (typeof value === 'bigint') return true
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Uint8Array || depth > MAX_SCAN_DEPTH || 'toJSON' in value) return true
  if (Array.isArray(value)) return value.some((item) => needsMarks(item, depth + 1))
  for (const key in value) if (needsMarks((value as Record<string, unknown>)[key], depth + 1)) return true
  return false
}

function mark(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(':') ? `:${value}` : value
  if (typeof value === 'bigint') return `:bigint:${value}`
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return `:base64:${bytesToBase64(value)}`
  if (Array.isArray(value)) return value.map(mark)
  if ('toJSON' in value && typeof value.toJSON === 'function') return mark(value.toJSON())
  // No prototype: a key named __proto__ stays a key.
  const marked = Object.create(null) as Record<string, unknown>
  for (const [key, item] of Object.entries(value)) marked[key] = mark(item)
  return marked
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

function unmarkString(text: string): unknown {
  if (text.startsWith(':bigint:')) return BigInt(text.slice(8))
  if (text.startsWith(':base64:')) return base64ToBytes(text.slice(8))
  return text.slice(1)
}
