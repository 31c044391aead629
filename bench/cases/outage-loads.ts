import type { CaseResult, Fact, Limit } from '../lib/report.ts'
import { meetOutage } from '../memory/meet.ts'
import { CALLERS, KEYS, LOADER, OUTAGE } from '../memory/results.ts'
import { SUBJECTS } from '../memory/subjects.ts'

/** 200 hot keys, Redis falls silent for 3 s, 20 callers: how often is the source asked, and how long do callers wait. */
export async function outageLoads(_rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  const rows: Fact[] = []
  const limits: Limit[] = []
  for (const [index, subject] of Object.keys(SUBJECTS).entries()) {
    const { requests, loads, unanswered, unknown, p99 } = await meetOutage(subject)
    rows.push(
      { name: `${subject}: requests`, value: requests, unit: unanswered === 0 ? '' : `(${unanswered} without an answer)` },
      { name: `${subject}: loads`, value: loads, unit: '' },
      { name: `${subject}: p99 after the first timeout`, value: p99, unit: 'ms' },
      { name: `${subject}: a key not read before`, value: unknown ?? Infinity, unit: 'ms' },
    )
    if (subject === 'fastmiss, memory') {
      limits.push(
        { name: 'loads', measured: loads, atMost: KEYS },
        { name: 'without an answer', measured: unanswered, atMost: 0 },
        { name: 'p99 after the first timeout (ms)', measured: p99, atMost: 5 },
      )
    }
    onRound(index + 1)
  }
  return { title: `An outage of ${OUTAGE / 1_000} s, ${KEYS} hot keys, ${CALLERS} callers`, unit: `the source takes ${LOADER} ms`, rows, limits }
}
