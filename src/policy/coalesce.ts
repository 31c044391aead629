import { within } from './within.ts'

/** One asks, the others wait for what it brings. */
export interface Coalesce<Result> {
  /**
   * What somebody else brings for the same key.
   *
   * @param wait ms since that one began, after which nobody waits for it: whoever leads may hang, or be frozen
   * @returns undefined at once where nobody is under way; later where it takes too long, or nothing came of it
   */
  join(key: string, wait: number): Promise<Result | undefined> | undefined
  /** Whether there is somebody to wait for. */
  isUnderWay(key: string, wait: number): boolean
  /** Begins. */
  lead(key: string): Lead<Result>
  /** What is under way is out of date: nobody new waits for it. @param key none: all of it */
  forget(key?: string): void
}

/** One who asks. */
interface Lead<Result> {
  /** To be called with what came of it; only the first call counts. */
  settle(result: Result | undefined): void
  /** Others wait for it. */
  readonly isShared: boolean
  /** It was forgotten. */
  readonly isOutdated: boolean
  /** Nobody new waits for it: it was given up. */
  abandon(): void
}

interface Leading<Result> {
  readonly result: Promise<Result | undefined>
  readonly settle: (result: Result | undefined) => void
  readonly startedAt: number
  isShared: boolean
  isOutdated: boolean
}

/** @param now the clock, epoch ms */
export function createCoalesce<Result>(now: () => number): Coalesce<Result> {
  const underWay = new Map<string, Leading<Result>>()
  function left({ startedAt }: Leading<Result>, wait: number): number {
    const elapsed = now() - startedAt
    // A clock that was set back must not stretch the wait.
    return elapsed < 0 ? 0 : wait - elapsed
  }

  return {
    join(key, wait) {
      const leading = underWay.get(key)
      if (leading === undefined || left(leading, wait) <= 0) return undefined
      leading.isShared = true
      return within(leading.result, left(leading, wait))
    },
    isUnderWay(key, wait) {
      const leading = underWay.get(key)
      return leading !== undefined && left(leading, wait) > 0
    },
    lead(key) {
      // One that took too long: whoever still waits for it is served by this one.
      const outrun = underWay.get(key)
      let settle: (result: Result | undefined) => void = () => {}
      const result = new Promise<Result | undefined>((resolve) => (settle = resolve))
      const leading: Leading<Result> = { result, settle, startedAt: now(), isShared: outrun?.isShared ?? false, isOutdated: false }
      underWay.set(key, leading)
      return {
        settle(value) {
          // Another may lead by now.
          if (underWay.get(key) === leading) underWay.delete(key)
          settle(value)
          outrun?.settle(value)
        },
        get isShared() {
          return leading.isShared
        },
        get isOutdated() {
          return leading.isOutdated
        },
        abandon() {
          if (underWay.get(key) === leading) underWay.delete(key)
        },
      }
    },
    forget(key) {
      for (const one of key === undefined ? [...underWay.keys()] : [key]) {
        const leading = underWay.get(one)
        if (leading !== undefined) leading.isOutdated = true
        underWay.delete(one)
      }
    },
  }
}
