interface NativeBuffer {
  from(bytes: ArrayBufferLike, offset: number, length: number): { toString(encoding: 'base64'): string }
  from(bytes: ArrayBuffer): Uint8Array<ArrayBuffer>
  from(text: string, encoding: 'base64'): Uint8Array
  isBuffer(value: unknown): boolean
}

/** Node, Bun, Deno and workerd with `nodejs_compat` have it; ten times as fast as `btoa` and `atob`. */
const nativeBuffer = (globalThis as { Buffer?: NativeBuffer }).Buffer

/** Bytes as base64 text. The bytes may be of another realm. */
export function bytesToBase64(bytes: Uint8Array): string {
  if (nativeBuffer !== undefined) return nativeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  let binary = ''
  // In slices: `String.fromCharCode` takes a limited number of arguments.
  for (let from = 0; from < bytes.length; from += 8192) binary += String.fromCharCode(...bytes.subarray(from, from + 8192))
  return btoa(binary)
}

/** Base64 text as bytes. @throws where the runtime has no Buffer and the text is not base64 */
export function base64ToBytes(text: string): Uint8Array<ArrayBuffer> {
  // A copy: a Buffer may be a window on a pool that other values share.
  if (nativeBuffer !== undefined) return new Uint8Array(nativeBuffer.from(text, 'base64'))
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index)
  return bytes
}

/** Whether bytes are a Buffer of Node, or of a runtime that has it too. */
export function isBuffer(bytes: Uint8Array): boolean {
  return nativeBuffer?.isBuffer(bytes) === true
}

/** The same memory as a Buffer; as it is where the runtime has none. */
export function toBuffer(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  return nativeBuffer === undefined ? bytes : nativeBuffer.from(bytes.buffer)
}
