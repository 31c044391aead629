import { readFile, writeFile } from 'node:fs/promises'
import { drawFailover } from './failover/draw.ts'
import type { FailoverResults } from './failover/results.ts'
import { failoverTable } from './failover/summary.ts'
import { page } from './page.ts'
import { draw } from './picture/draw.ts'
import type { Results } from './results.ts'

/** Where the last whole run is kept. */
export const RESULTS = new URL('./results.json', import.meta.url)
const PAGE = new URL('../../docs/outages.md', import.meta.url)
const PICTURE = new URL('../../docs/outages.svg', import.meta.url)

/** Draws the page and the picture of a run. */
export async function publish(results: Results): Promise<void> {
  await writeFile(PAGE, page(results))
  await writeFile(PICTURE, draw(results))
}

const CLUSTERS = new URL('../../docs/clusters.md', import.meta.url)
const FAILOVER_PICTURE = new URL('../../docs/failover.svg', import.meta.url)
/** Between these lines of docs/clusters.md stands the table. */
export const FAILOVER_MARKS = ['<!-- Written by `npm run bench:outage`: failover -->', '<!-- failover ends -->'] as const

/** Draws the picture of a failover, and puts its figures into docs/clusters.md. */
export async function publishFailover(results: FailoverResults): Promise<void> {
  const [from, to] = FAILOVER_MARKS
  const text = await readFile(CLUSTERS, 'utf8')
  const [before, rest] = text.split(from)
  const after = rest?.split(to)[1]
  if (before === undefined || after === undefined) throw new Error('docs/clusters.md has no place for the table')
  await writeFile(CLUSTERS, `${before}${from}\n\n${failoverTable(results)}\n\n${to}${after}`)
  await writeFile(FAILOVER_PICTURE, drawFailover(results))
}
