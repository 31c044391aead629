/**
 * For what a caller's function returned where no promise is asked for. An `async` one may reject, and a rejection that nobody
 * handles ends the process.
 */
export function ignoreRejection(returned: unknown): void {
  if (isPromise(returned)) Promise.resolve(returned).catch(() => {})
}

/** By shape: a promise may come from another realm. */
export function isPromise(returned: unknown): boolean {
  return typeof returned === 'object' && returned !== null && 'then' in returned
}
