import { kindOf } from '../policy/kind-of.ts'

/** What JSON writes as `{}`, or by properties that do not make it what it is: `code` of an Error, `size` of a Response of node-fetch. */
const LOST =
  /^(?:Map|Set|WeakMap|WeakSet|Promise|Error|DOMException|RegExp|ArrayBuffer|Blob|File|FormData|Headers|Request|Response|URLSearchParams|ReadableStream)$/

/** Bytes of any realm. */
export function isBytes(value: object): value is Uint8Array {
  return ArrayBuffer.isView(value) && kindOf(value) === 'Uint8Array'
}

/** A string, number, boolean or bigint in an object, as `Object(1n)` makes one. JSON writes what is inside. */
export function isBoxed(value: object): boolean {
  return /^(?:String|Number|Boolean|BigInt)$/.test(kindOf(value))
}

/** Whether an object that is no array has nothing that plain JSON would not write: a plain object, or an instance with properties. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return kindOf(value) === 'Object' && !isLost(value)
}

/** Whether JSON would write nothing of an object, or not what it is. For objects that have no `toJSON` and are no bytes. */
export function isLost(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  // A plain object, of another realm too.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return false
  if (ArrayBuffer.isView(value) || LOST.test(kindOf(value))) return true
  const { then, pipe } = value as { readonly then?: unknown; readonly pipe?: unknown }
  // A promise of a library, and a stream of Node.
  if (typeof then === 'function' || typeof pipe === 'function') return true
  // What an instance holds is private, or a generator's, a key's, a connection's.
  return Object.keys(value).length === 0 && !isBoxed(value)
}
