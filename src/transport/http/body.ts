import { CacheError } from '../../errors.ts'
import { protocolError } from './errors.ts'
import type { HttpAnswer } from './request.ts'

/** An answer of so many bytes comes in parts, and may take its time. */
const LARGE = 16_384

/**
 * Reads a body as text, up to a limit.
 *
 * @param maxBytes more than this is cut off, unread
 * @param onProgress told of each part of a large body
 * @throws CacheError `oversize`, or whatever the runtime throws where the body breaks off
 */
export async function readBody(response: HttpAnswer, maxBytes: number, onProgress: () => void): Promise<string> {
  const { body, headers } = response
  if (body === null) throw protocolError('an empty answer')
  const announced = headers.get('content-length')
  if (announced !== null && Number(announced) > maxBytes) throw oversize(maxBytes)
  // The length bounds what follows, unless it is unpacked on the way: then, and without a length, the bytes are counted.
  if (announced !== null && headers.get('content-encoding') === null && Number(announced) < LARGE) return response.text()
  return readCounting(body, maxBytes, onProgress)
}

async function readCounting(body: AsyncIterable<Uint8Array>, maxBytes: number, onProgress: () => void): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    onProgress()
    if (bytes > maxBytes) throw oversize(maxBytes)
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

/** Not fatal: the next request is another one. */
function oversize(maxBytes: number): CacheError {
  return new CacheError('oversize', `The answer is longer than ${maxBytes} bytes`)
}
