import { parseArgs } from 'node:util'
import { judge } from './judge.ts'
import { planOf } from './plan.ts'
import { runPlan } from './run-plan.ts'
import { search } from './search.ts'
import { shrink } from './shrink.ts'
import { traceOf } from './trace.ts'

/** As many are printed; the first is cut down. */
const SHOWN = 5

const USAGE = `Usage: npm run simulate -- [--seeds n] [--from n] [--seed n]

  --seeds n  how many seeds to run (default 10000)
  --from n   the first of them (default 1)
  --seed n   one seed: what happens in it, and what is wrong`

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text)
  console.error(`--${name}: expected a whole number from 1 to 999999999\n\n${USAGE}`)
  process.exit(2)
}

async function showOne(seed: number): Promise<number> {
  const run = await runPlan(planOf(seed))
  console.log(traceOf(run).join('\n'))
  const problems = judge(run)
  console.log(problems.length === 0 ? `\nSeed ${seed}: all promises held.` : `\nSeed ${seed}:\n  ${problems.join('\n  ')}`)
  return problems.length === 0 ? 0 : 1
}

async function searchAll(from: number, count: number): Promise<number> {
  const failures = await search(from, from + count - 1, (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${count} seeds`)
  })
  if (process.stderr.isTTY) process.stderr.write('\r')
  console.log(`${count} seeds, ${failures.length} failed`)
  for (const { seed, problems } of failures.slice(0, SHOWN)) console.log(`\nSeed ${seed}:\n  ${problems.join('\n  ')}`)
  const [first] = failures
  if (first === undefined) return 0
  const run = await runPlan(await shrink(planOf(first.seed)))
  console.log(`\nThe shortest run found that fails as seed ${first.seed} does:\n${traceOf(run).join('\n')}\n  ${judge(run).join('\n  ')}`)
  return 1
}

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '10000' }, from: { type: 'string', default: '1' }, seed: { type: 'string' } },
})
process.exitCode =
  values.seed === undefined
    ? await searchAll(wholeNumber('from', values.from), wholeNumber('seeds', values.seeds))
    : await showOne(wholeNumber('seed', values.seed))
