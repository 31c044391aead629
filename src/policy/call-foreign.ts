import { ignoreRejection } from './ignore-rejection.ts'

/**
 * Calls a function of somebody else whose failure is nobody's here: a listener, a `waitUntil`, the end of a driver. What it throws
 * is dropped, and so is what a promise that it returns rejects with: that would be an unhandled rejection, which ends the process.
 *
 * @returns whether it returned
 */
export function callForeign(call: () => unknown): boolean {
  try {
    ignoreRejection(call())
    return true
  } catch {
    return false
  }
}
