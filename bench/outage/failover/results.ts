import { readFile, writeFile } from 'node:fs/promises'

/** Where the last run is kept. */
export const FAILOVER_RESULTS = new URL('./results.json', import.meta.url)

/** What a read came to: the value, a thrown error, fastmiss's `degraded`, "not there", or nothing until the end. */
export type Came = 'hit' | 'threw' | 'degraded' | 'miss' | 'never'

/** One read: when it was asked for, ms since the kill; how long it took, ms; what came. */
export type Read = readonly [at: number, ms: number, came: Came]

/** What one library made of it. */
export interface FailoverRun {
  readonly library: string
  /** As the picture names them. */
  readonly settings: string
  /** When every node that lives knew the new primary, ms since the kill. */
  readonly takeoverAt: number
  /** Reads of keys whose primary lives, and of those whose primary was killed. */
  readonly live: readonly Read[]
  readonly dead: readonly Read[]
}

export interface FailoverResults {
  /** ISO 8601. */
  readonly date: string
  readonly node: string
  readonly redis: string
  readonly cpus: number
  /** ms between two reads of the same kind; they do not wait for each other. */
  readonly pace: number
  /** ms after the kill for which it was looked on. */
  readonly windowMs: number
  readonly versions: Readonly<Record<string, string>>
  readonly runs: readonly FailoverRun[]
}

/** A run a line. */
export async function writeFailover({ runs, ...about }: FailoverResults): Promise<void> {
  const head = JSON.stringify(about, undefined, 2).replace(/\n}$/, '')
  await writeFile(FAILOVER_RESULTS, `${head},\n  "runs": [\n${runs.map((run) => `    ${JSON.stringify(run)}`).join(',\n')}\n  ]\n}\n`)
}

export async function readFailover(): Promise<FailoverResults> {
  return JSON.parse(await readFile(FAILOVER_RESULTS, 'utf8')) as FailoverResults
}
