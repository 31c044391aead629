/** A body read to its end, or a response to be sent on where it is too long. */
export type TakenBody = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly rest: Response }

/** Reads a body up to a limit; beyond it, what was read is put back before what was not. @throws what the body breaks off with */
export async function takeBody(response: Response, limit: number): Promise<TakenBody> {
  if (response.body === null) return { bytes: new Uint8Array() }
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = response.body.getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  while (size <= limit) {
    const { done, value } = await reader.read()
    if (done) return { bytes: joinChunks(chunks, size) }
    chunks.push(value)
    size += value.byteLength
  }
  const rest = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const next = chunks.shift() ?? (await reader.read()).value
      if (next === undefined) controller.close()
      else controller.enqueue(next)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return { rest: new Response(rest, response) }
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
