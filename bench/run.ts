import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { cluster } from './cases/cluster.ts'
import { coldStart } from './cases/cold-start.ts'
import { connect } from './cases/connect.ts'
import { endurance } from './cases/endurance.ts'
import { firstReply } from './cases/first-reply.ts'
import { hit } from './cases/hit.ts'
import { importing } from './cases/import.ts'
import { installed } from './cases/installed.ts'
import { many } from './cases/many.ts'
import { memoryHit } from './cases/memory-hit.ts'
import { otel } from './cases/otel.ts'
import { outageLoads } from './cases/outage-loads.ts'
import { responseCache } from './cases/response-cache.ts'
import { restHit } from './cases/rest-hit.ts'
import { tcpImport } from './cases/tcp-import.ts'
import { verbs } from './cases/verbs.ts'
import { wrapHit } from './cases/wrap-hit.ts'
import { wrapMany } from './cases/wrap-many.ts'
import { wrapMiss } from './cases/wrap-miss.ts'
import { wrapTags } from './cases/wrap-tags.ts'
import { progress } from './lib/progress.ts'
import { type CaseResult, print } from './lib/report.ts'

type Case = (rounds: number, onRound: (done: number) => void) => Promise<CaseResult>

const CASES: Readonly<Record<string, Case>> = {
  hit,
  verbs,
  many,
  'first-reply': firstReply,
  connect,
  endurance,
  import: importing,
  'tcp-import': tcpImport,
  installed,
  'cold-start': coldStart,
  'rest-hit': restHit,
  'response-cache': responseCache,
  'memory-hit': memoryHit,
  'outage-loads': outageLoads,
  otel,
  'wrap-hit': wrapHit,
  'wrap-miss': wrapMiss,
  'wrap-tags': wrapTags,
  'wrap-many': wrapMany,
  cluster,
}

// As the command line does, and for its reason (src/cli/main.ts): a process that had threads may spin once everything is done.
process.once('beforeExit', () => process.exit())
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '15' }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
})
if (values.help) {
  console.log(`npm run bench -- [case …] [--rounds 15] [--json results.json]\nCases: ${Object.keys(CASES).join(', ')}`)
} else {
  await main(positionals.length > 0 ? positionals : Object.keys(CASES), Number(values.rounds))
}

async function main(names: readonly string[], rounds: number): Promise<void> {
  // The servers of a case keep no process alive, and a case may wait for nothing but them.
  const awake = setInterval(() => {}, 60_000)
  const results: Record<string, CaseResult> = {}
  let isKept = true
  for (const name of names) {
    const run = CASES[name]
    if (run === undefined) throw new Error(`unknown case ${name}. Known: ${Object.keys(CASES).join(', ')}`)
    const line = progress(process.stderr)
    const result = await run(rounds, (done) =>
      line.show(`${name}: ${name === 'endurance' ? `run ${done} of 4` : `round ${Math.round(done)} of ${rounds}`}`),
    ).finally(line.clear)
    results[name] = result
    isKept = print(result) && isKept
  }
  clearInterval(awake)
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`)
  if (!isKept) process.exitCode = 1
}
