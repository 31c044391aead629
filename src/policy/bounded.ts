/**
 * What work comes to, or a `TimeoutError`; what it comes to later is dropped.
 *
 * @param hard ms after which it is given up; undefined: never
 * @param message of the error
 * @param onTimeout called with the error before it rejects
 */
export async function bounded<Value>(
  work: () => Value | PromiseLike<Value>,
  hard: number | undefined,
  message: string,
  onTimeout?: (error: DOMException) => void,
): Promise<Awaited<Value>> {
  if (hard === undefined) {
    const value = await work()
    return value
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new DOMException(message, 'TimeoutError')
      onTimeout?.(error)
      reject(error)
    }, hard)
  })
  try {
    return await Promise.race([work(), tooLong])
  } finally {
    clearTimeout(timer)
  }
}
