import { base64ToBytes, bytesToBase64 } from './base64.ts'
import { CacheError } from '../errors.ts'

const FORMAT = 'deflate-raw'

/** Text as compressed bytes, in base64, since both wires carry text. */
export async function compressText(text: string): Promise<string> {
  const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream(FORMAT))
  return bytesToBase64(new Uint8Array(await new Response(compressed).arrayBuffer()))
}

/** Why what is under way has to end; undefined while there is time. */
export type Overdue = () => CacheError | undefined

/**
 * The end of an operation's time, for what is computed after its answer.
 *
 * @param ms what is left of it
 * @param signal of the caller
 */
export function overdueAfter(ms: number, signal?: AbortSignal): Overdue {
  // By the monotonic clock: the other one may be set back.
  const startedAt = performance.now()
  return () => {
    if (signal?.aborted === true) return new CacheError('aborted', 'The signal was aborted')
    if (performance.now() - startedAt < ms) return undefined
    return new CacheError('timeout', 'There was no time left to expand the entry', { phase: 'command' })
  }
}

/**
 * Back to text.
 *
 * @param limit bytes: what claims to be more is not expanded to its end
 * @param overdue asked between the pieces
 * @returns `oversize` beyond the limit, `decode` where it is nothing that was compressed, or what `overdue` says
 */
export async function expandText(compressed: string, limit: number, overdue: Overdue): Promise<string | CacheError> {
  const late = overdue()
  if (late !== undefined) return late
  try {
    const chunks: string[] = []
    const decoder = new TextDecoder()
    let size = 0
    const reader = new Blob([base64ToBytes(compressed)]).stream().pipeThrough(new DecompressionStream(FORMAT)).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return chunks.join('') + decoder.decode()
      size += value.length
      const failure = size > limit ? new CacheError('oversize', `The expanded entry is larger than limits.valueBytes (${limit})`) : overdue()
      if (failure !== undefined) {
        await reader.cancel()
        return failure
      }
      chunks.push(decoder.decode(value, { stream: true }))
    }
  } catch {
    return new CacheError('decode', 'What is stored under the key cannot be expanded')
  }
}

/** One after the other: what is held meanwhile for each of many entries would add up. */
export async function mapInTurn<Given, Made>(given: readonly Given[], make: (one: Given, index: number) => Promise<Made>): Promise<readonly Made[]> {
  const made: Made[] = []
  for (const [index, one] of given.entries()) made.push(await make(one, index))
  return made
}
