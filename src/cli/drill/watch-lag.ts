import { instant } from './instant.ts'

/** How far the event loop of this thread is behind through no fault of its own. */
export interface LagWatch {
  /** @returns the time lost since it was last asked, ms; the loop must have come round since, or what held it up is not told yet */
  take(): number
  stop(): void
}

/** ms from one look to the next. */
export const LOOK_EVERY = 5

/**
 * Looks at the clock in a steady pace. What a look is late by, less the CPU time that this thread took meanwhile, was taken by
 * others: a thread that blocks its own loop is not excused.
 */
export function watchLag(): LagWatch {
  let total = 0
  let [lookedAt, cpuAt] = [instant(), threadCpu()]
  const timer = setInterval(() => {
    const [now, cpu] = [instant(), threadCpu()]
    total += Math.max(0, now - lookedAt - LOOK_EVERY - (cpu - cpuAt))
    lookedAt = now
    cpuAt = cpu
  }, LOOK_EVERY)
  timer.unref()
  return {
    take() {
      const taken = total
      total = 0
      return taken
    },
    stop: () => clearInterval(timer),
  }
}

/** @returns ms of CPU that this thread has taken; 0 before Node 23.9, which cannot tell */
function threadCpu(): number {
  // The types are those of Node 24.
  const usage: { user: number; system: number } | undefined = 'threadCpuUsage' in process ? process.threadCpuUsage() : undefined
  return usage === undefined ? 0 : (usage.user + usage.system) / 1_000
}
