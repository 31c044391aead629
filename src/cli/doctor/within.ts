/** Nothing came in time. */
export const late: unique symbol = Symbol('late')

/** @returns what the promise resolves with, or `late` after so many ms; rejects as the promise does */
export async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | typeof late> {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), ms)
  })
  // Whoever is late may still fail: nobody listens any more.
  promise.catch(() => {})
  try {
    return await Promise.race([promise, expired])
  } finally {
    clearTimeout(timer)
  }
}
