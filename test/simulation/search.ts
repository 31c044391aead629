import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Report, Share } from './worker.ts'

/** A seed whose run broke a promise. */
export interface Failure {
  readonly seed: number
  readonly problems: readonly string[]
}

/**
 * Runs the seeds of a range, a thread for each core.
 *
 * @param whenDone is told how many have been run so far
 * @returns those that failed, lowest first
 */
export async function search(from: number, to: number, whenDone: (done: number) => void): Promise<readonly Failure[]> {
  const threads = Math.min(availableParallelism(), to - from + 1)
  const failures: Failure[] = []
  let done = 0
  const workers = Array.from({ length: threads }, (_, index) => {
    const share: Share = { from: from + index, to, step: threads }
    // Most of what a run makes is gone with it: in a young generation of the default size a part would be moved first.
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: share, resourceLimits: { maxYoungGenerationSizeMb: 96 } })
    worker.on('message', (report: Report) => {
      done += report.done
      failures.push(...report.failures)
      whenDone(done)
    })
    return worker
  })
  const ends = await Promise.all(workers.map((worker) => once(worker, 'exit')))
  if (ends.some(([code]) => code !== 0)) throw new Error('A thread of the simulation ended with an error')
  return failures.toSorted((one, other) => one.seed - other.seed)
}
