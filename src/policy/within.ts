/** What a promise comes to within a bound (ms); undefined where that takes longer. It goes on. */
export async function within<Value>(promise: Promise<Value>, bound: number): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    return await Promise.race([promise, new Promise<undefined>((resolve) => (timer = setTimeout(resolve, bound, undefined)))])
  } finally {
    clearTimeout(timer)
  }
}
