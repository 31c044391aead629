/**
 * CPU of this process per call (µs), with a number of calls in flight at any time: each of the workers starts its next call
 * when its last one is answered.
 */
export async function cpuPerCall(calls: number, inFlight: number, call: () => Promise<unknown>): Promise<number> {
  let left = calls
  async function work(): Promise<void> {
    while (left > 0) {
      left -= 1
      await call()
    }
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: inFlight }, work))
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}
