/**
 * For what a caller's function returned where no promise is asked for. An `async` one may reject, and a rejection that nobody
 * handles ends the process.
 */
export function ignoreRejection(returned: unknown): void {
  // By shape: a promise may come from another realm.
  if (typeof returned !== 'object' || returned === null || !('then' in returned)) return
  Promise.resolve(returned).catch(() => {})
}
