import { callForeign } from '../policy/call-foreign.ts'

/**
 * Passes a promise to the platform's `waitUntil`, where there is one. Never throws: a platform that takes no more work for this request
 * may end the work early.
 */
export function handOver(work: Promise<unknown>, waitUntil: ((promise: Promise<unknown>) => void) | undefined): void {
  if (waitUntil !== undefined) callForeign(() => waitUntil(work))
}
