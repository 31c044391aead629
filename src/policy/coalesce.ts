/** One asks, the others wait for what it brings. */
export interface Coalesce<Result> {
  /**
   * What somebody else brings for the same key.
   *
   * @param wait ms since that one began, after which nobody waits for it: whoever leads may hang, or be frozen
   * @returns undefined at once where nobody is under way; later where it takes too long, or nothing came of it
   */
  join(key: string, wait: number): Promise<Result | undefined> | undefined
  /** Begins. @returns to be called with what came of it; only the first call counts */
  lead(key: string): (result: Result | undefined) => void
}

interface Leading<Result> {
  readonly result: Promise<Result | undefined>
  readonly startedAt: number
}

/** @param now the clock, epoch ms */
export function createCoalesce<Result>(now: () => number): Coalesce<Result> {
  const underWay = new Map<string, Leading<Result>>()

  return {
    join(key, wait) {
      const leading = underWay.get(key)
      if (leading === undefined) return undefined
      const left = wait - (now() - leading.startedAt)
      return left > 0 ? atMost(leading.result, left) : undefined
    },
    lead(key) {
      let settle: (result: Result | undefined) => void = () => {}
      const leading = { result: new Promise<Result | undefined>((resolve) => (settle = resolve)), startedAt: now() }
      underWay.set(key, leading)
      return (result) => {
        // Another may lead by now: this one took too long.
        if (underWay.get(key) === leading) underWay.delete(key)
        settle(result)
      }
    },
  }
}

async function atMost<Result>(result: Promise<Result | undefined>, wait: number): Promise<Result | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    return await Promise.race([result, new Promise<undefined>((resolve) => (timer = setTimeout(resolve, wait, undefined)))])
  } finally {
    clearTimeout(timer)
  }
}
