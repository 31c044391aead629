import { BEFORE, CALLERS, COLUMN, type Column, KEYS, LOADER, OUTAGE, PAUSE, type Run } from './results.ts'
import type { Source } from './source.ts'
import { SUBJECTS } from './subjects.ts'

/** One library in a process of its own: `node child.ts NAME URL`. It is told when Redis breaks, and when to say what it saw. */
const [name = '', url = ''] = process.argv.slice(2)
/** ms: what was asked for before anybody knew waits for the first timeout. */
const FIRST_TIMEOUT = 250
/** ms: in the middle of the outage. */
const UNKNOWN_AFTER = 1_000

interface Answer {
  readonly at: number
  readonly ms: number
  readonly from: Source
  /** It called the source itself. */
  readonly isLoaded: boolean
}

const open = SUBJECTS[name]
if (open === undefined) throw new Error(`there is no subject ${name}`)
const { get } = await open(url)
const answers: Answer[] = []
const pending = new Set<number>()
let isOver = false

for (let index = 0; index < KEYS; index += 1) await get(`k${index}`, load)
process.send?.('warm')
process.on('message', (order: 'broken' | 'go' | 'end') => {
  if (order === 'go') void Promise.all(Array.from({ length: CALLERS }, call))
  if (order === 'broken') {
    brokenAt = performance.now()
    setTimeout(() => void askUnknown(), UNKNOWN_AFTER)
  }
  if (order === 'end') end()
})

let brokenAt = Number.NaN
let unknown: number | null = null
let next = 0

async function call(): Promise<void> {
  while (!isOver) {
    const at = performance.now()
    let isLoaded = false
    pending.add(at)
    const said = await get(`k${(next += 1) % KEYS}`, () => {
      isLoaded = true
      return load()
    })
    pending.delete(at)
    answers.push({ at, ms: performance.now() - at, from: isLoaded ? 'source' : said, isLoaded })
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}

/** A key that this process has never read: no layer in memory has it. */
async function askUnknown(): Promise<void> {
  const startedAt = performance.now()
  await get('unknown', load)
  unknown = short(performance.now() - startedAt)
}

async function load(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, LOADER))
  return 'v'
}

function end(): void {
  isOver = true
  const isIn = (at: number): boolean => at >= brokenAt && at < brokenAt + OUTAGE
  const during = answers.filter(({ at }) => isIn(at))
  const known = during.filter(({ at }) => at > brokenAt + FIRST_TIMEOUT).map(({ ms }) => ms)
  known.sort((a, b) => a - b)
  const unanswered = [...pending].filter(isIn).length
  const run: Run = {
    subject: name,
    requests: during.length + unanswered,
    loads: during.filter(({ isLoaded }) => isLoaded).length,
    unanswered,
    unknown,
    p99: short(known[Math.floor(known.length * 0.99)] ?? Number.NaN),
    columns: columnsOf(),
  }
  // Its client may go on connecting for ever: whoever started this process ends it.
  process.send?.(run)
}

function columnsOf(): readonly Column[] {
  const columns = new Map<number, { counts: Partial<Record<Source, number>>; slowest: number }>()
  for (const { at, ms, from } of answers) {
    const start = Math.floor((at - brokenAt) / COLUMN) * COLUMN
    if (start < -BEFORE) continue
    const column = columns.get(start) ?? { counts: {}, slowest: 0 }
    column.counts[from] = (column.counts[from] ?? 0) + 1
    column.slowest = Math.max(column.slowest, short(ms))
    columns.set(start, column)
  }
  return [...columns].map(([at, column]) => ({ at, ...column })).sort((a, b) => a.at - b.at)
}

function short(ms: number): number {
  return Math.round(ms * 10) / 10
}
