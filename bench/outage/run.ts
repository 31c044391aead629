import { readFile } from 'node:fs/promises'
import { cpus, loadavg, release, type as systemName } from 'node:os'
import { parseArgs } from 'node:util'
import { runCell, seed, WINDOW } from './cell.ts'
import type { Fault } from './faults/fault.ts'
import { HTTP_FAULTS } from './faults/http.ts'
import { command, type Lab, openLab } from './faults/lab.ts'
import { TCP_FAULTS } from './faults/tcp.ts'
import { startUpstash } from 'fastmiss/testing'
import { type Contestant, CONTESTANTS, LIBRARIES } from './libraries.ts'
import { inParallel } from './pool.ts'
import { measureFailover } from './failover/run.ts'
import { readFailover, writeFailover } from './failover/results.ts'
import { failoverTable } from './failover/summary.ts'
import { publish, publishFailover, RESULTS } from './publish.ts'
import { type Cell, readResults, type Results, writeResults } from './results.ts'
import { printTables } from './terminal.ts'
import { createTurns } from './turns.ts'

const FAULTS: readonly Fault[] = [...TCP_FAULTS, ...HTTP_FAULTS]

const HELP = `npm run bench:outage -- [options]

Today's libraries and fastmiss before the same faults, each pair in a fresh process.

  --only a,b      these libraries: ${[...new Set(LIBRARIES.map(({ library }) => library))].join(', ')}
  --faults a,b    these faults: ${[...new Set(FAULTS.map(({ name }) => name))].join(', ')}
  --wire TCP      this wire: TCP or HTTP
  --parallel 6    so many processes at a time
  --json file     writes the results there. A whole run writes bench/outage/results.json, docs/outages.md and docs/outages.svg
  --failover      one primary of a cluster is killed, and nothing else: bench/outage/failover/results.json, docs/failover.svg, docs/clusters.md
  --draw          measures nothing: draws pages and pictures from the results again
`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    faults: { type: 'string' },
    wire: { type: 'string' },
    parallel: { type: 'string', default: '6' },
    json: { type: 'string' },
    failover: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

// As the command line does, and for its reason (src/cli/main.ts): seen to spin here too, after all was written.
process.once('beforeExit', () => process.exit())
if (values.help) console.log(HELP)
else if (values.draw) await Promise.all([publish(await readResults(RESULTS)), publishFailover(await readFailover())])
else if (values.failover) await failover()
else await main()

async function failover(): Promise<void> {
  const results = await measureFailover(({ library, settings }) => progress(`failover: ${library} (${settings})`))
  progress('')
  console.log(failoverTable(results))
  await writeFailover(results)
  await publishFailover(results)
}

async function main(): Promise<void> {
  const contestants = chosen('only', CONTESTANTS, ({ library }) => library).filter(isOnWire)
  const faults = chosen('faults', FAULTS, ({ name }) => name).filter(isOnWire)
  const pairs = faults
    .flatMap((fault) => contestants.filter(({ wire }) => wire === fault.wire).map((contestant) => ({ contestant, fault })))
    .map((pair, id) => ({ id, ...pair }))
  const results = await measure(pairs, Number(values.parallel))
  printTables(results)
  const isWhole = contestants.length === CONTESTANTS.length && faults.length === FAULTS.length
  if (values.json !== undefined) await writeResults(values.json, results)
  else if (isWhole) {
    await writeResults(RESULTS, results)
    await publish(results)
    await failover()
  }
}

/** One cell to be. */
interface Pair {
  readonly id: number
  readonly contestant: Contestant
  readonly fault: Fault
}

async function measure(pairs: readonly Pair[], parallel: number): Promise<Results> {
  const date = new Date().toISOString()
  const load = loadavg()[0] ?? Number.NaN
  const lab = await openLab((urls) => seedAll(pairs, urls))
  try {
    const turns = createTurns()
    let done = 0
    const run = async ({ id, contestant, fault }: Pair): Promise<Cell> => {
      const cell = await runCell(lab, contestant, fault, id, turns)
      done += 1
      progress(`${done} of ${pairs.length}: ${contestant.library} (${contestant.settings}), ${fault.name}`)
      return cell
    }
    const isHeavy = ({ fault }: Pair): boolean => fault.isHeavy === true
    const light = await inParallel(
      pairs.filter((pair) => !isHeavy(pair)),
      parallel,
      run,
    )
    const cells = [...light, ...(await inParallel(pairs.filter(isHeavy), 1, run))]
    progress('')
    const faults = new Set(pairs.map(({ fault }) => fault))
    return {
      date,
      node: process.version,
      redis: await redisVersion(lab),
      machine: { system: `${systemName()} ${release()}`, cpus: cpus().length, cpu: cpus()[0]?.model.trim() ?? '' },
      load: [load, loadavg()[0] ?? Number.NaN],
      parallel,
      windowMs: WINDOW,
      versions: await versions(),
      faults: [...faults].map(({ name, wire, label, detail }) => ({ name, wire, label, detail })),
      cells,
    }
  } finally {
    await lab.stop()
  }
}

/** Each library writes in its own way, so each stores what it will read; with its defaults. */
async function seedAll(pairs: readonly Pair[], redisUrls: readonly string[]): Promise<void> {
  const seeders = new Map(pairs.map(({ contestant }) => [`${contestant.library} ${contestant.wire}`, { ...contestant, settings: 'defaults' }]))
  const jobs = [...seeders.values()].flatMap((contestant) => redisUrls.map((url) => ({ contestant, url })))
  await inParallel(jobs, 2, async ({ contestant, url }) => {
    if (contestant.wire === 'TCP') return seed(contestant, { url })
    await using upstash = await startUpstash({ redis: url })
    await seed(contestant, { url: upstash.url, token: upstash.token })
  })
}

async function redisVersion({ healthy }: Lab): Promise<string> {
  const info = String(await command(healthy.url, ['INFO', 'server']))
  return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown'
}

async function versions(): Promise<Record<string, string>> {
  const names = [...new Set(LIBRARIES.flatMap(({ packages }) => packages))].toSorted()
  const found = await Promise.all(
    names.map(async (name) => {
      const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url)
      return [name, (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version] as const
    }),
  )
  return Object.fromEntries(found)
}

/** @throws where a name is unknown: a typing error must not look like a pass */
function chosen<One>(option: 'only' | 'faults', all: readonly One[], nameOf: (one: One) => string): readonly One[] {
  const asked = values[option]?.split(',')
  if (asked === undefined) return all
  const unknown = asked.filter((name) => !all.some((one) => nameOf(one) === name))
  if (unknown.length > 0) throw new Error(`--${option}: unknown ${unknown.join(', ')}`)
  return all.filter((one) => asked.includes(nameOf(one)))
}

function isOnWire({ wire }: { readonly wire: string }): boolean {
  return values.wire === undefined || values.wire.toUpperCase() === wire
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`)
  else if (text !== '') process.stderr.write(`${text}\n`)
}
