import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { VALUE } from '../lib/value.ts'
import { memoryHitters } from '../peers/memory-hitters.ts'

const CALLS = 20_000
const IN_FLIGHT = 64
const BASELINE = 'fastmiss, TCP'
/** 1 KiB of JSON. */
const KIBIBYTE = { ...VALUE, bio: 'x'.repeat(1_024 - JSON.stringify({ ...VALUE, bio: '' }).length) }

/** CPU of a hit from a copy in this process, against a hit over TCP and the memory hits of others. */
export async function memoryHit(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  const tcp = createCache({ url: redis.url, namespace: 'a' }).invocation()
  await tcp.set('user', KIBIBYTE)
  const peers = await memoryHitters(redis.url, KIBIBYTE)
  const calls: Record<string, () => Promise<unknown>> = {
    [BASELINE]: () => tcp.get('user'),
    ...Object.fromEntries(peers.map(({ name, call }) => [name, call])),
  }
  for (const [name, call] of Object.entries(calls)) {
    const got = await call()
    if (JSON.stringify(got) !== JSON.stringify(KIBIBYTE)) throw new Error(`${name}: expected a hit`)
  }
  const measures: Record<string, Measure> = Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [name, () => cpuPerCall(CALLS, IN_FLIGHT, call)]),
  )
  const rows = await ratios(measures, BASELINE, rounds, onRound)
  await Promise.all([tcp.close(), ...peers.map(({ close }) => close())])
  const ratioOf = (name: string): number => rows.find((row) => row.name === name)?.ratio ?? Number.NaN
  const copying = Math.min(ratioOf('keyv, in memory'), ratioOf('cacheable, in memory'), ratioOf('bentocache, in memory'))
  return {
    title: `A hit from memory, ${IN_FLIGHT} in flight, 1 KiB, one process`,
    unit: `client CPU per get; a hit over TCP = 1 (quartiles; µs)`,
    rows,
    limits: [
      { name: 'against a hit over TCP', measured: ratioOf('fastmiss, memory'), atMost: 0.6 },
      { name: 'the same without the decoding', measured: ratioOf('fastmiss, memory, without decoding'), atMost: 0.2 },
      { name: 'with share', measured: ratioOf('fastmiss, memory, share'), atMost: 0.12 },
      { name: 'against the cheapest of bentocache, cacheable and Keyv', measured: ratioOf('fastmiss, memory') / copying, atMost: 1 },
      { name: 'share against cache-manager', measured: ratioOf('fastmiss, memory, share') / ratioOf('cache-manager, in memory'), atMost: 1.5 },
    ],
  }
}
