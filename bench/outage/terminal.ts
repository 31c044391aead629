import type { Results } from './results.ts'
import { cellsOf, summaries } from './summary.ts'
import { answerIn, atMost, exitIn, nameOf, storeIn } from './words.ts'

/** Every cell, and what they come to. */
export function printTables(results: Results): void {
  const labels = new Map(results.faults.map(({ wire, name, label }) => [`${wire} ${name}`, label]))
  for (const summary of summaries(results)) {
    console.log(`\n${nameOf(summary)}, ${summary.wire}`)
    printColumns(
      cellsOf(results.cells, summary).map((cell) => [
        labels.get(`${cell.wire} ${cell.fault}`) ?? cell.fault,
        answerIn(cell.first, results.windowMs),
        cell.first === null ? '–' : answerIn(cell.second, results.windowMs),
        `set: ${storeIn(cell).replaceAll('*', '')}`,
        `${cell.dials} connections`,
        exitIn(cell.exit),
      ]),
    )
  }
  console.log('\nThe worst of each')
  printColumns([
    ['', 'first', 'second', 'unanswered', 'connections', 'false misses', 'false writes', 'end by themselves'],
    ...summaries(results).map((one) => [
      `${nameOf(one)}, ${one.wire}`,
      atMost(one.slowestFirst, results.windowMs),
      atMost(one.slowestSecond, results.windowMs),
      `${one.unanswered} of ${one.faults}`,
      String(one.mostDials),
      String(one.falseMisses),
      String(one.falseWrites),
      `${one.exits['by itself']} of ${one.faults}`,
    ]),
  ])
  console.log(`\nLoad of the machine: ${results.load.join(' before, ')} after, ${results.parallel} cells at a time`)
}

function printColumns(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  for (const row of rows) console.log(`  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}
