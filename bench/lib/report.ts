import type { Ratio } from './pairs.ts'

/** What a case found out, as a table and as JSON. */
export interface CaseResult {
  readonly title: string
  /** What the ratios are ratios of, and in which unit the cost is. */
  readonly unit: string
  readonly rows: readonly (Ratio | Fact)[]
  readonly limits: readonly Limit[]
}

/** A figure that is no ratio: round trips, sockets left. */
export interface Fact {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** A bound that this project holds itself to. */
export interface Limit {
  readonly name: string
  readonly measured: number
  readonly atMost: number
}

/** Prints one case. @returns false where a limit is broken */
export function print({ title, unit, rows, limits }: CaseResult): boolean {
  console.log(`\n${title}\n${'-'.repeat(title.length)}\n  ${unit}`)
  const width = Math.max(...rows.map(({ name }) => name.length))
  for (const row of rows) {
    if ('value' in row) console.log(`  ${row.name.padEnd(width)}  ${round(row.value)} ${row.unit}`)
    else console.log(`  ${row.name.padEnd(width)}  ${row.ratio.toFixed(2)}   (${row.low.toFixed(2)} to ${row.high.toFixed(2)}; ${round(row.cost)})`)
  }
  for (const { name, measured, atMost } of limits) {
    console.log(`  ${measured <= atMost ? 'kept  ' : 'BROKEN'}  ${name}: ${round(measured)}, at most ${atMost}`)
  }
  return limits.every(({ measured, atMost }) => measured <= atMost)
}

function round(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3)
}
