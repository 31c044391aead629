import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { VALUE } from '../lib/value.ts'
import { hitters } from '../peers/hitters.ts'

const CALLS = 5_000
const IN_FLIGHT = 64
const BASELINE = 'fastmiss, get'
/** More than are in flight: some peers let calls of one key share a read, which says nothing about what a hit costs. */
const KEYS = Array.from({ length: 256 }, (_, index) => `user-${index}`)
const WINDOWS = { ttl: 600_000, swr: 600_000, staleIfError: 600_000, jitter: 0.1 }

/** CPU of a `wrap` that hits, with 64 in flight, against a `get` that does, and against the peers that read through; each call for another key. */
export async function wrapHit(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  let loads = 0
  const load = async (): Promise<object> => {
    loads += 1
    return VALUE
  }
  const invocation = createCache({ url: redis.url, namespace: 'a' }).invocation()
  const peers = await hitters(redis.url, VALUE, load)
  await invocation.setMany(KEYS.map((key) => ({ key, value: VALUE })))
  const calls: Record<string, (key: string) => Promise<unknown>> = {
    [BASELINE]: (key) => invocation.get(key),
    'fastmiss, wrap': (key) => invocation.wrap(key, load),
    'fastmiss, wrap with windows': (key) => invocation.wrap(key, load, WINDOWS),
  }
  for (const { name, wrap } of peers) if (wrap !== undefined && !name.startsWith('fastmiss')) calls[name] = wrap
  for (const call of Object.values(calls)) for (const key of KEYS) await call(key)
  const filled = loads
  const measure =
    (call: (key: string) => Promise<unknown>): Measure =>
    () => {
      let next = 0
      return cpuPerCall(CALLS, IN_FLIGHT, () => call(KEYS[(next += 1) % KEYS.length] ?? ''))
    }
  const measures = Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, measure(call)]))
  const rows = await ratios(measures, BASELINE, rounds, onRound)
  // A call that loads is no hit, and a cache that gave Redis up would look fast.
  if (loads !== filled) throw new Error(`${loads - filled} calls did not hit`)
  await Promise.all([invocation.close(), ...peers.map(({ close }) => close())])
  const ratioOf = (name: string): number => rows.find((row) => row.name === name)?.ratio ?? Number.NaN
  const fastest = Math.min(...rows.filter(({ name }) => !name.startsWith('fastmiss')).map(({ ratio }) => ratio))
  return {
    title: `Reading through, a hit, ${IN_FLIGHT} in flight, one process`,
    unit: `client CPU per call; ${BASELINE} = 1 (quartiles; µs)`,
    rows,
    limits: [
      { name: 'wrap against get', measured: ratioOf('fastmiss, wrap'), atMost: 1.15 },
      { name: 'wrap with windows against get', measured: ratioOf('fastmiss, wrap with windows'), atMost: 1.15 },
      { name: 'wrap against the fastest of the others', measured: ratioOf('fastmiss, wrap') / fastest, atMost: 1 },
    ],
  }
}
