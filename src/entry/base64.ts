interface NativeBuffer {
  from(bytes: Uint8Array): { toString(encoding: 'base64'): string }
  from(text: string, encoding: 'base64'): Uint8Array
}

/** Node, Bun, Deno and workerd with `nodejs_compat` have it; ten times as fast as `btoa` and `atob`. */
const nativeBuffer = (globalThis as { Buffer?: NativeBuffer }).Buffer

/** Bytes as base64 text. */
export function bytesToBase64(bytes: Uint8Array): string {
  if (nativeBuffer !== undefined) return nativeBuffer.from(bytes).toString('base64')
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
