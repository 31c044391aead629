import { createClient } from '@redis/client'
import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { VALUE } from '../lib/value.ts'
import { hitters } from '../peers/hitters.ts'

const CALLS = 2_000
const IN_FLIGHT = 64
const BASELINE = 'fastmiss, get and set by hand'
const TTL = 600_000

/** CPU of a `wrap` that misses, loads (for nothing) and writes, with 64 keys in flight. */
export async function wrapMiss(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  const client = await createClient({ url: redis.url }).connect()
  let loads = 0
  const load = async (): Promise<object> => {
    loads += 1
    return VALUE
  }
  const invocation = createCache({ url: redis.url, namespace: 'h' }).invocation()
  const peers = await hitters(redis.url, VALUE, load)
  const wraps: Record<string, (key: string) => Promise<unknown>> = {
    [BASELINE]: async (key) => {
      const found = await invocation.get(key)
      if (found !== undefined) return found
      const value = await load()
      await invocation.set(key, value, { ttl: TTL })
      return value
    },
  }
  for (const { name, wrap } of peers) if (wrap !== undefined) wraps[name] = wrap
  const measure =
    (wrap: (key: string) => Promise<unknown>): Measure =>
    async () => {
      await client.flushAll()
      let next = 0
      const before = loads
      const cost = await cpuPerCall(CALLS, IN_FLIGHT, () => wrap(`key-${(next += 1)}`))
      if (loads - before !== CALLS) throw new Error(`${CALLS} calls loaded ${loads - before} times`)
      return cost
    }
  const rows = await ratios(Object.fromEntries(Object.entries(wraps).map(([name, wrap]) => [name, measure(wrap)])), BASELINE, rounds, onRound)
  // What was written last is there: none of them has given Redis up.
  const stored = await client.dbSize()
  if (stored < CALLS) throw new Error(`only ${stored} of ${CALLS} values were stored`)
  await Promise.all([invocation.close(), ...peers.map(({ close }) => close())])
  client.destroy()
  const ours = rows.find(({ name }) => name === 'fastmiss, invocation')?.ratio ?? Number.NaN
  return {
    title: `Reading through, a miss, ${IN_FLIGHT} in flight, one process`,
    unit: `client CPU of a read, a load and a write; ${BASELINE} = 1 (quartiles; µs)`,
    rows,
    limits: [{ name: 'wrap against get and set by hand', measured: ours, atMost: 2.5 }],
  }
}
