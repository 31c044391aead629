/** One at a time. */
export interface Turns {
  /** Waits for its turn. @returns what ends it; may be called again */
  take(): Promise<() => void>
}

/** @returns turns in the order in which they were asked for */
export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve()
  return {
    take() {
      const before = last
      return new Promise((taken) => {
        last = new Promise((end) => void before.then(() => taken(end)))
      })
    },
  }
}
