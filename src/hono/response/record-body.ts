import { through } from '../through.ts'
import { copyOf, joinChunks } from './take-body.ts'

/**
 * The same response; what passes is gathered, and nothing is held back.
 *
 * @param response with a body
 * @param limit bytes; a longer body passes and is forgotten
 * @param onEnd called once with the bytes when the body is complete, or with undefined when it is too long, broken off, or
 *   nobody reads on; the body ends when it has settled
 */
export function recordBody(
  response: Response,
  limit: number,
  onEnd: (bytes: Uint8Array<ArrayBuffer> | undefined) => Promise<void> | undefined,
): Response {
  const chunks: Uint8Array[] = []
  let size = 0
  let isOver = false
  const end = (isComplete: boolean): Promise<void> | undefined => {
    if (isOver) return undefined
    isOver = true
    const bytes = isComplete ? joinChunks(chunks, size) : undefined
    // What is too long may go on passing for hours.
    chunks.length = 0
    return onEnd(bytes)
  }
  const broken = (): void => void end(false)
  const recorder = new TransformStream<Uint8Array, Uint8Array>(
    {
      transform(chunk, controller) {
        controller.enqueue(chunk)
        if (isOver) return
        size += chunk.byteLength
        // Whoever reads may take the buffer with it, and whoever writes fill it anew.
        if (size <= limit) chunks.push(copyOf(chunk))
        else broken()
      },
      flush: () => end(true),
    },
    undefined,
    { highWaterMark: 1 },
  )
  return through(response, recorder, broken)
}
