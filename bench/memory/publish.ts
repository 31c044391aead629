import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { draw } from './draw.ts'
import { meetOutage } from './meet.ts'
import { withFigures } from './page.ts'
import type { Results, Run } from './results.ts'
import { SUBJECTS } from './subjects.ts'

/** `npm run bench:memory`: the figures and the picture of docs/memory.md from a run; with `--draw` from the last one. */
const RESULTS = new URL('./results.json', import.meta.url)
const PAGE = new URL('../../docs/memory.md', import.meta.url)
const PICTURE = new URL('../../docs/memory.svg', import.meta.url)

// As the command line does, and for its reason (src/cli/main.ts): seen to spin here too, after all was written.
process.once('beforeExit', () => process.exit())
const { values } = parseArgs({ options: { draw: { type: 'boolean', default: false } } })
const results = values.draw ? (JSON.parse(await readFile(RESULTS, 'utf8')) as Results) : await measure()
await writeFile(RESULTS, `${JSON.stringify(results)}\n`)
await writeFile(PICTURE, draw(results))
await writeFile(PAGE, withFigures(await readFile(PAGE, 'utf8'), results))

async function measure(): Promise<Results> {
  // The servers keep no process alive.
  const awake = setInterval(() => {}, 60_000)
  const runs: Run[] = []
  for (const subject of Object.keys(SUBJECTS)) {
    console.error(subject)
    runs.push(await meetOutage(subject))
  }
  clearInterval(awake)
  return { date: new Date().toISOString(), node: process.version, cpus: cpus().length, versions: await versions(), runs }
}

async function versions(): Promise<Record<string, string>> {
  const names = ['bentocache', 'ioredis', 'cacheable', '@keyv/redis']
  const found = await Promise.all(
    names.map(async (name) => {
      const manifest = JSON.parse(await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')) as { version: string }
      return [name, manifest.version] as const
    }),
  )
  return Object.fromEntries(found)
}
