import type { FailoverResults, FailoverRun, Read } from './results.ts'

/** What one library made of the kill, in figures. Of reads asked for from the kill on. */
export interface FailoverSummary {
  readonly live: Figures
  readonly dead: Figures
  /** From the takeover to the first read of a dead key, asked for after it, that was a hit; ms. Null: none. */
  readonly wellAfter: number | null
}

interface Figures {
  readonly reads: number
  /** Those that were no hit. */
  readonly failed: number
  /** ms; null where one had no answer at all. */
  readonly slowest: number | null
}

export function summaryOf({ takeoverAt, live, dead }: FailoverRun): FailoverSummary {
  const well = dead.find(([at, , came]) => at >= takeoverAt && came === 'hit')
  return { live: figuresOf(live), dead: figuresOf(dead), wellAfter: well === undefined ? null : Math.round(well[0] + well[1] - takeoverAt) }
}

function figuresOf(all: readonly Read[]): Figures {
  const reads = all.filter(([at]) => at >= 0)
  const isUnanswered = reads.some(([, , came]) => came === 'never')
  return {
    reads: reads.length,
    failed: reads.filter(([, , came]) => came !== 'hit').length,
    slowest: isUnanswered ? null : Math.round(Math.max(...reads.map(([, ms]) => ms))),
  }
}

/** The table of docs/clusters.md. */
export function failoverTable({ runs, windowMs }: FailoverResults): string {
  const ms = (value: number | null): string =>
    value === null ? `> ${windowMs / 1_000} s` : value < 1_000 ? `${value} ms` : `${(value / 1_000).toFixed(1)} s`
  const rows = runs.map((run) => {
    const { live, dead, wellAfter } = summaryOf(run)
    return [
      `${run.library}, ${run.settings}`,
      `${live.failed} of ${live.reads}`,
      ms(live.slowest),
      `${dead.failed} of ${dead.reads}`,
      ms(dead.slowest),
      ms(run.takeoverAt),
      wellAfter === null ? 'not within the window' : ms(wellAfter),
    ]
  })
  const head = ['', 'live keys: no hit', 'slowest', 'dead keys: no hit', 'slowest', 'takeover after', 'well again after it']
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
