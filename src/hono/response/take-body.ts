/** A body read to its end, or a response to be sent on where it is too long, too slow or broken. */
export type TakenBody = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly rest: Response }

type Read = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>

/**
 * Reads a body up to a limit, for so long (ms). What goes beyond either is put back before what was not read; where a body breaks
 * off, whoever reads on sees it break off.
 */
export async function takeBody(response: Response, limit: number, wait: number): Promise<TakenBody> {
  if (response.body === null) return { bytes: new Uint8Array() }
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = response.body.getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  let reading: Promise<Read> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, wait, undefined)))
  try {
    while (size <= limit) {
      reading = reader.read()
      const read = await Promise.race([reading.catch(() => undefined), tooLate])
      if (read === undefined) break
      reading = undefined
      if (read.done) return { bytes: joinChunks(chunks, size) }
      chunks.push(copyOf(read.value))
      size += read.value.byteLength
    }
  } finally {
    clearTimeout(timer)
  }
  const rest = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const kept = chunks.shift()
      if (kept !== undefined) return controller.enqueue(kept)
      const { value } = await (reading ?? reader.read())
      reading = undefined
      if (value === undefined) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return { rest: new Response(rest, response) }
}

/** A Buffer's own `slice` is no copy. */
export function copyOf(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.prototype.slice.call(chunk)
}

/** @param size the sum of their lengths */
export function joinChunks(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
