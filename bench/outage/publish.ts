import { writeFile } from 'node:fs/promises'
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
