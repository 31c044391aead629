import { callForeign } from '../policy/call-foreign.ts'

/**
 * Gives the platform a promise to wait for after the response, where it takes any. Never throws: where the platform takes no more
 * work for this request, the work goes on as far as it is let.
 */
export function handOver(work: Promise<unknown>, waitUntil: ((promise: Promise<unknown>) => void) | undefined): void {
  if (waitUntil !== undefined) callForeign(() => waitUntil(work))
}
