import type { Random } from './random.ts'

/** What the simulated time begins at, epoch ms. */
export const EPOCH = 1_800_000_000_000

/** Time that passes only when everything that could happen now has happened. */
export interface VirtualTime {
  /** ms since the start; never goes back. */
  elapsed(): number
  /** How many events have happened: what tells the order of two of one instant. */
  order(): number
  /** Runs something in so many ms. @returns takes it back */
  after(ms: number, run: () => void): () => void
  /** Sets the clock of the process by so many ms, as NTP or a person does. */
  jump(ms: number): void
  /** Lets everything happen until an instant (ms since the start), or until nothing is left to happen. */
  runUntil(until: number): Promise<void>
  /** Timers of the code under test that have not fired. */
  pendingTimers(): number
  /** Puts back the real time. */
  restore(): void
}

interface Scheduled {
  readonly at: number
  readonly nth: number
  readonly run: () => void
  readonly isTimer: boolean
  isCancelled: boolean
}

/** Takes the place of the process's clock, timers and random numbers until it is restored. */
export function installVirtualTime(random: Random): VirtualTime {
  const real = {
    setTimeout,
    clearTimeout,
    setImmediate,
    setInterval,
    dateNow: Date.now,
    performanceNow: performance.now,
    random: Math.random,
    randomUUID: crypto.randomUUID,
  }
  const queue: Scheduled[] = []
  let elapsed = 0
  let offset = 0
  let nth = 0

  function schedule(ms: number, run: () => void, isTimer: boolean): Scheduled {
    const one = { at: elapsed + Math.max(0, ms), nth: (nth += 1), run, isTimer, isCancelled: false }
    // From the end: most is scheduled for later than what waits.
    let index = queue.length
    while (index > 0 && isBefore(one, queue[index - 1])) index -= 1
    queue.splice(index, 0, one)
    return one
  }
  function cancel(one: Scheduled): void {
    one.isCancelled = true
  }
  function timer(run: (...given: unknown[]) => void, ms = 0, ...given: unknown[]): object {
    // Node's timers take 1 ms at least.
    const one = schedule(Math.max(1, ms), () => run(...given), true)
    const handle = { unref: () => handle, ref: () => handle, hasRef: () => true, [cancelled]: () => cancel(one) }
    return handle
  }

  Object.assign(globalThis, {
    setTimeout: timer,
    clearTimeout: (handle: { [cancelled]?: () => void } | undefined) => handle?.[cancelled]?.(),
    setImmediate: (run: () => void) => schedule(0, run, true),
    setInterval: () => {
      throw new Error('The core keeps no interval')
    },
  })
  Date.now = () => EPOCH + offset + Math.floor(elapsed)
  performance.now = () => elapsed
  Math.random = () => random.next()
  let made = 0
  crypto.randomUUID = () => `00000000-0000-4000-8000-${String((made += 1)).padStart(12, '0')}`

  return {
    elapsed: () => elapsed,
    order: () => (nth += 1),
    after(ms, run) {
      const one = schedule(ms, run, false)
      return () => cancel(one)
    },
    jump: (ms) => void (offset += ms),
    async runUntil(until) {
      await settled()
      for (let next = queue[0]; next !== undefined && next.at <= until; next = queue[0]) {
        queue.shift()
        if (next.isCancelled) continue
        elapsed = next.at
        next.run()
        await settled()
      }
    },
    pendingTimers: () => queue.filter((one) => one.isTimer && !one.isCancelled).length,
    restore() {
      Object.assign(globalThis, {
        setTimeout: real.setTimeout,
        clearTimeout: real.clearTimeout,
        setImmediate: real.setImmediate,
        setInterval: real.setInterval,
      })
      Date.now = real.dateNow
      performance.now = real.performanceNow
      Math.random = real.random
      crypto.randomUUID = real.randomUUID
    },
  }
}

const cancelled = Symbol('cancel')

/** All promises that can settle without time have settled: Node runs what is for the next tick once no microtask is left. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

function isBefore(one: Scheduled, other: Scheduled | undefined): boolean {
  return other !== undefined && one.at < other.at
}
