import { runChild } from '../lib/child.ts'
import type { CaseResult, Fact } from '../lib/report.ts'

const CHILD = new URL('../lib/import-child.ts', import.meta.url)
const EMPTY = 'data:text/javascript,'
const PACKAGE = 'fastmiss'

/** What a cold start pays for the import alone, without a transport: in a fresh process each, empty module and package in turn. */
export async function importing(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  const above: number[] = []
  const noise: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const empty = await timeOf(EMPTY)
    above.push((await timeOf(PACKAGE)) - empty)
    noise.push((await timeOf(EMPTY)) - empty)
    onRound(round + 1)
  }
  const rows: Fact[] = [
    { name: 'an empty module (again)', value: median(noise), unit: 'ms' },
    { name: PACKAGE, value: median(above), unit: 'ms' },
  ]
  return {
    title: 'The import, in a fresh process',
    unit: 'ms above an empty module, median of pairs',
    rows,
    limits: [{ name: `${PACKAGE} above an empty module, ms`, measured: median(above), atMost: 10 }],
  }
}

async function timeOf(specifier: string): Promise<number> {
  return (await runChild(CHILD, [], [specifier])) as number
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
