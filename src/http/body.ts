/** A body as it is kept: text where the bytes are UTF-8 and nothing else, so that JSON need not spell them out. */
export function packBody(bytes: Uint8Array<ArrayBuffer>): string | Uint8Array<ArrayBuffer> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // Not text.
    return bytes
  }
}

/** The bytes of a kept body. */
export function bodyBytes(body: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof body === 'string' ? new TextEncoder().encode(body) : body
}
