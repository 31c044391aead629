import { parentPort, workerData } from 'node:worker_threads'
import { problemsOf } from './problems.ts'

/** What a worker is given: every so many-th seed of a range. */
export interface Share {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** What a worker says from time to time. */
export interface Report {
  /** Seeds that were run since the last report. */
  readonly done: number
  readonly failures: readonly { readonly seed: number; readonly problems: readonly string[] }[]
}

/** Seeds a report. */
const REPORT_EVERY = 100

const { from, to, step } = workerData as Share
let done = 0
let failures: { seed: number; problems: readonly string[] }[] = []

function report(): void {
  parentPort?.postMessage({ done, failures } satisfies Report)
  done = 0
  failures = []
}

for (let seed = from; seed <= to; seed += step) {
  const problems = await problemsOf(seed)
  done += 1
  if (problems.length > 0) failures.push({ seed, problems })
  if (done === REPORT_EVERY) report()
}
report()
