import { within } from './within.ts'

/** Runs one load of a key at a time; whoever asks meanwhile waits for its result. */
export interface SingleFlight<Result> {
  /**
   * Waits for the load of a key that is under way.
   *
   * @param wait ms since that one began, after which nobody waits for it: whoever is at it may hang, or be frozen
   * @returns undefined at once where there is none; a promise of undefined where it takes too long or brings nothing
   */
  join(key: string, wait: number): Promise<Result | undefined> | undefined
  /** Whether there is a load to wait for. */
  isUnderWay(key: string, wait: number): boolean
  /** Registers a load that begins now. Its caller must settle it. */
  start(key: string): Flight<Result>
  /** Marks loads as outdated: nobody new waits for them. @param key undefined: all of them */
  forget(key?: string): void
}

/** One load under way. */
export interface Flight<Result> {
  /** Gives the result to all who wait; only the first call counts. */
  settle(result: Result | undefined): void
  /** Whether others wait for it. */
  readonly isShared: boolean
  /** Whether it was marked as outdated. */
  readonly isOutdated: boolean
  /** It was given up: nobody new waits for it. */
  abandon(): void
}

interface UnderWay<Result> {
  readonly result: Promise<Result | undefined>
  readonly settle: (result: Result | undefined) => void
  readonly startedAt: number
  isShared: boolean
  isOutdated: boolean
}

/** @param now the clock, epoch ms */
export function createSingleFlight<Result>(now: () => number): SingleFlight<Result> {
  const underWay = new Map<string, UnderWay<Result>>()
  function left({ startedAt }: UnderWay<Result>, wait: number): number {
    const elapsed = now() - startedAt
    // A clock that was set back must not stretch the wait.
    return elapsed < 0 ? 0 : wait - elapsed
  }

  return {
    join(key, wait) {
      const flight = underWay.get(key)
      if (flight === undefined || left(flight, wait) <= 0) return undefined
      flight.isShared = true
      return within(flight.result, left(flight, wait))
    },
    isUnderWay(key, wait) {
      const flight = underWay.get(key)
      return flight !== undefined && left(flight, wait) > 0
    },
    start(key) {
      // An earlier load that took too long: whoever still waits for it gets this result.
      const outrun = underWay.get(key)
      let settle: (result: Result | undefined) => void = () => {}
      const result = new Promise<Result | undefined>((resolve) => (settle = resolve))
      const flight: UnderWay<Result> = { result, settle, startedAt: now(), isShared: outrun?.isShared ?? false, isOutdated: false }
      underWay.set(key, flight)
      return {
        settle(value) {
          // Another one may be under way by now.
          if (underWay.get(key) === flight) underWay.delete(key)
          settle(value)
          outrun?.settle(value)
        },
        get isShared() {
          return flight.isShared
        },
        get isOutdated() {
          return flight.isOutdated
        },
        abandon() {
          if (underWay.get(key) === flight) underWay.delete(key)
        },
      }
    },
    forget(key) {
      for (const one of key === undefined ? [...underWay.keys()] : [key]) {
        const flight = underWay.get(one)
        if (flight !== undefined) flight.isOutdated = true
        underWay.delete(one)
      }
    },
  }
}
