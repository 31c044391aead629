import { createClient } from '@redis/client'
import { startRedis } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { VALUE } from '../lib/value.ts'
import { hitters } from '../peers/hitters.ts'

const CALLS = 10_000
const IN_FLIGHT = 64
const BASELINE = 'node-redis + JSON'

/** CPU of a get that hits, with 64 in flight: the facade and today's libraries against node-redis with plain JSON. */
export async function hit(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  // Its per-command timeout off: it alone would triple the baseline.
  const client = createClient({ url: redis.url, RESP: 2, commandOptions: { timeout: 0 } })
  await client.connect()
  await client.set('plain', JSON.stringify(VALUE))
  const peers = await hitters(redis.url, VALUE)
  const calls: Record<string, () => Promise<unknown>> = {
    [BASELINE]: async () => JSON.parse((await client.get('plain')) ?? 'null'),
    ...Object.fromEntries(peers.map(({ name, call }) => [name, call])),
  }
  for (const [name, call] of Object.entries(calls)) await assertHit(name, call)
  const measures: Record<string, Measure> = Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [name, () => cpuPerCall(CALLS, IN_FLIGHT, call)]),
  )
  const rows = await ratios(measures, BASELINE, rounds, onRound)
  await Promise.all(peers.map(({ close }) => close()))
  client.destroy()
  const ours = rows.find(({ name }) => name.startsWith('fastmiss, invocation'))
  const others = rows.filter(({ name }) => !name.startsWith('fastmiss') && !name.startsWith(BASELINE))
  const fastest = Math.min(...others.map(({ ratio }) => ratio))
  return {
    title: `A hit, ${IN_FLIGHT} in flight, one process`,
    unit: `client CPU per get; ${BASELINE} = 1 (quartiles; µs)`,
    rows,
    limits: [
      { name: `against ${BASELINE}`, measured: ours?.ratio ?? Number.NaN, atMost: 1.15 },
      { name: 'against the fastest facade of the others', measured: (ours?.ratio ?? Number.NaN) / fastest, atMost: 1 },
    ],
  }
}

/** A peer that misses would look fast. */
async function assertHit(name: string, call: () => Promise<unknown>): Promise<void> {
  const got = await call()
  if (JSON.stringify(got) !== JSON.stringify(VALUE)) throw new Error(`${name}: expected a hit`)
}
