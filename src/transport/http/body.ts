import { CacheError } from '../../errors.ts'
import { protocolError } from './errors.ts'
import type { HttpAnswer } from './request.ts'

/**
 * Reads a body as text, up to a limit.
 *
 * @param maxBytes more than this is cut off, unread
 * @throws CacheError `oversize`, or whatever the runtime throws where the body breaks off
 */
export async function readBody(response: HttpAnswer, maxBytes: number): Promise<string> {
  const { body, headers } = response
  if (body === null) throw protocolError('an empty answer')
  const announced = headers.get('content-length')
  if (announced !== null && Number(announced) > maxBytes) throw oversize(maxBytes)
  // The length bounds what follows, unless it is unpacked on the way: then, and without a length, the bytes are counted.
  if (announced !== null && headers.get('content-encoding') === null) return response.text()
  return readCounting(body, maxBytes)
}

async function readCounting(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > maxBytes) throw oversize(maxBytes)
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

/** Not fatal: the next request is another one. */
function oversize(maxBytes: number): CacheError {
  return new CacheError('oversize', `The answer is longer than ${maxBytes} bytes`)
}
