import { startRedis, startUpstash } from 'fastmiss/testing'
import { runChild } from '../lib/child.ts'
import { ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'

const COLD = new URL('../lib/cold-child.ts', import.meta.url)
const IMPORT = new URL('../lib/import-child.ts', import.meta.url)
const OURS = 'fastmiss'

/** What a cold process pays: each in a process of its own, beside its peer. */
export async function coldStart(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  await using upstash = await startUpstash({ redis: redis.url })
  const child =
    (script: URL, ...args: string[]) =>
    async () =>
      (await runChild(script, [], args)) as number
  const overTcp = await ratios(
    { [`${OURS}, first get over TCP`]: child(COLD, OURS, redis.url), 'node-redis, first get': child(COLD, '@redis/client', redis.url) },
    'node-redis, first get',
    rounds,
    (done) => onRound(done / 3),
  )
  const overRest = await ratios(
    {
      [`${OURS}, first get over REST`]: child(COLD, OURS, upstash.url, upstash.token),
      '@upstash/redis, first get': child(COLD, '@upstash/redis', upstash.url, upstash.token),
    },
    '@upstash/redis, first get',
    rounds,
    (done) => onRound((rounds + done) / 3),
  )
  const imports = await ratios(
    { [`import '${OURS}'`]: child(IMPORT, OURS), "import 'hono'": child(IMPORT, 'hono') },
    "import 'hono'",
    rounds,
    (done) => onRound((2 * rounds + done) / 3),
  )
  const rows = [...overTcp, ...overRest, ...imports]
  const bounds: Readonly<Record<string, number>> = {
    [`${OURS}, first get over TCP`]: 0.3,
    [`${OURS}, first get over REST`]: 0.85,
    [`import '${OURS}'`]: 0.35,
  }
  return {
    title: 'A cold process',
    unit: 'times its peer: node-redis, @upstash/redis, hono; cost in ms, the import included',
    rows,
    limits: rows.flatMap(({ name, ratio }) => {
      const atMost = bounds[name]
      return atMost === undefined ? [] : [{ name, measured: ratio, atMost }]
    }),
  }
}
