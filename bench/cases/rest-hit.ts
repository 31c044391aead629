import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Redis } from '@upstash/redis'
import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { VALUE } from '../lib/value.ts'

const SERVER = fileURLToPath(new URL('../lib/rest-server.ts', import.meta.url))
/** So many that a round is longer than the machine's moods. */
const CALLS = 12_800
const IN_FLIGHT = 64
/** Fewer tell nothing: a round is off by a fifth in either direction. */
const ROUNDS_EACH = 3
const BASELINE = '@upstash/redis, its own auto-pipelining'

/** CPU of a get that hits over REST, with 64 in flight: the facade against the client that it is built on. */
export async function restHit(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  const server = fork(SERVER, [redis.url])
  try {
    const [{ url, token }] = (await once(server, 'message')) as [{ readonly url: string; readonly token: string }]
    // Its defaults, but for telemetry and a retry that a healthy server never needs.
    const upstash = new Redis({ url, token, enableTelemetry: false })
    await upstash.set('plain', VALUE)
    const cache = createCache({ url, token, namespace: 'a', timeout: 10_000 })
    const invocation = cache.invocation()
    await invocation.set('user', VALUE)
    const calls: Record<string, () => Promise<unknown>> = {
      [BASELINE]: () => upstash.get('plain'),
      'fastmiss, invocation': () => invocation.get('user'),
      'fastmiss, root': () => cache.get('user'),
    }
    for (const [name, call] of Object.entries(calls)) {
      if (JSON.stringify(await call()) !== JSON.stringify(VALUE)) throw new Error(`${name}: expected a hit`)
    }
    const measures: Record<string, Measure> = Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [name, () => cpuPerCall(CALLS, IN_FLIGHT, call)]),
    )
    const rows = await ratios(measures, BASELINE, rounds * ROUNDS_EACH, (done) => onRound(done / ROUNDS_EACH))
    await invocation.close()
    const ours = rows.find(({ name }) => name === 'fastmiss, invocation')
    return {
      title: `A hit over REST, ${IN_FLIGHT} in flight, one process`,
      unit: `client CPU per get; ${BASELINE} = 1 (quartiles; µs)`,
      rows,
      limits: [{ name: `against ${BASELINE}`, measured: ours?.ratio ?? Number.NaN, atMost: 0.8 }],
    }
  } finally {
    server.disconnect()
  }
}
