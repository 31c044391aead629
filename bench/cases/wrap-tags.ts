import { createCache, type WrapOptions } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { VALUE } from '../lib/value.ts'

const IN_FLIGHT = 64
const PLAIN: WrapOptions = { ttl: 600_000 }
const TAGGED: WrapOptions = { ttl: 600_000, tags: ['users'] }

/** What one tag adds to a hit: in an invocation that has seen it, and as the first thing that an invocation asks for. */
export async function wrapTags(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  let loads = 0
  const load = async (): Promise<object> => {
    loads += 1
    return VALUE
  }
  // One connection for all: otherwise the cost of an invocation would be that of its connection.
  const cache = createCache({ url: redis.url, namespace: 'a', connection: 'reuse' })
  await cache.wrap('plain', load, PLAIN)
  await cache.wrap('tagged', load, TAGGED)
  const filled = loads
  const longLived = cache.invocation()
  const alone = async (key: string, options: WrapOptions): Promise<void> => {
    const invocation = cache.invocation()
    await invocation.wrap(key, load, options)
    await invocation.close()
  }
  const seen = await ratios(
    {
      'one invocation, no tag': () => cpuPerCall(8_000, IN_FLIGHT, () => longLived.wrap('plain', load, PLAIN)),
      'one invocation, a tag that it has seen': () => cpuPerCall(8_000, IN_FLIGHT, () => longLived.wrap('tagged', load, TAGGED)),
    },
    'one invocation, no tag',
    rounds,
    (done) => onRound(done / 2),
  )
  const first = await ratios(
    {
      'an invocation each, no tag': () => cpuPerCall(3_000, IN_FLIGHT, () => alone('plain', PLAIN)),
      'an invocation each, a tag': () => cpuPerCall(3_000, IN_FLIGHT, () => alone('tagged', TAGGED)),
      'an invocation each, a tag that the call does not name': () => cpuPerCall(3_000, IN_FLIGHT, () => alone('tagged', PLAIN)),
    },
    'an invocation each, no tag',
    rounds,
    (done) => onRound(rounds / 2 + done / 2),
  )
  if (loads !== filled) throw new Error(`${loads - filled} calls did not hit`)
  await longLived.close()
  await cache.close()
  return {
    title: `What one tag adds to a hit, ${IN_FLIGHT} in flight, one process`,
    unit: 'client CPU per call; the same without a tag = 1 (quartiles; µs)',
    rows: [...seen, ...first],
    limits: [{ name: 'a tag that the invocation has seen', measured: seen.at(-1)?.ratio ?? Number.NaN, atMost: 1.25 }],
  }
}
