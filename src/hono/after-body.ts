import { through } from './through.ts'

/**
 * The same response, whose body ends with a callback: after its last chunk, or when nobody reads on.
 *
 * @param response what is to be sent
 * @param callback called once; the body ends when it has settled
 * @returns undefined where there is no body, or it was read already
 */
export function afterBody(response: Response, callback: () => Promise<void>): Response | undefined {
  if (response.body === null || response.bodyUsed) return undefined
  let called: Promise<void> | undefined
  const callOnce = (): Promise<void> => (called ??= callback())
  // Room for one chunk: a body that is no stream has passed before anyone reads it, and ends although it may be dropped.
  const passing = new TransformStream<Uint8Array, Uint8Array>({ flush: callOnce }, undefined, { highWaterMark: 1 })
  return through(response, passing, () => void callOnce())
}
