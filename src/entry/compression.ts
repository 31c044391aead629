import { base64ToBytes, bytesToBase64 } from './base64.ts'
import { CacheError } from '../errors.ts'

const FORMAT = 'deflate-raw'

/** Text as compressed bytes, in base64, since both wires carry text. */
export async function compressText(text: string): Promise<string> {
  const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream(FORMAT))
  return bytesToBase64(new Uint8Array(await new Response(compressed).arrayBuffer()))
}

/**
 * Back to text.
 *
 * @param limit bytes: what claims to be more is not expanded to its end
 * @returns `oversize` beyond the limit, `decode` where it is nothing that was compressed
 */
export async function expandText(compressed: string, limit: number): Promise<string | CacheError> {
  try {
    const chunks: string[] = []
    const decoder = new TextDecoder()
    let size = 0
    const reader = new Blob([base64ToBytes(compressed)]).stream().pipeThrough(new DecompressionStream(FORMAT)).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return chunks.join('') + decoder.decode()
      size += value.length
      if (size > limit) {
        await reader.cancel()
        return new CacheError('oversize', `The expanded entry is larger than limits.valueBytes (${limit})`)
      }
      chunks.push(decoder.decode(value, { stream: true }))
    }
  } catch {
    return new CacheError('decode', 'What is stored under the key cannot be expanded')
  }
}

/** One after the other: what is held meanwhile for each of many entries would add up. */
export async function mapInTurn<Given, Made>(given: readonly Given[], make: (one: Given) => Promise<Made>): Promise<readonly Made[]> {
  const made: Made[] = []
  for (const one of given) made.push(await make(one))
  return made
}
