/** ms between two looks, and for all of them. */
const PAUSE = 50
const LIMIT = 20_000

/**
 * Looks until something is so. A look that throws has found it not to be so yet.
 *
 * @param what for the message: `the cluster is up`
 * @throws Error after 20 seconds
 */
export async function untilReady(what: string, isReady: () => Promise<boolean>): Promise<void> {
  const endAt = performance.now() + LIMIT
  let cause: unknown
  while (performance.now() < endAt) {
    try {
      if (await isReady()) return
    } catch (error) {
      cause = error
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
  throw new Error(`It did not come to this within ${LIMIT / 1_000} seconds: ${what}`, { cause })
}
