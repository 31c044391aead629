/** Gives the platform a promise to wait for after the response, where it takes any. Never throws. */
export function handOver(work: Promise<unknown>, waitUntil: ((promise: Promise<unknown>) => void) | undefined): void {
  try {
    waitUntil?.(work)
  } catch {
    // It takes no more work for this request: the work goes on as far as it is let.
  }
}
