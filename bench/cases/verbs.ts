import { createClient } from '@redis/client'
import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult, Limit } from '../lib/report.ts'
import { setByHand, TTL } from '../lib/by-hand.ts'
import { VALUE } from '../lib/value.ts'

const CALLS = 5_000
const IN_FLIGHT = 64
const KEYS = Array.from({ length: 256 }, (_, index) => `user-${index}`)

type Call = (key: string) => Promise<unknown>

/** A verb, as a cache does it and by hand. */
interface Verb {
  readonly name: string
  readonly byHand: Call
  readonly ours: Call
  /** By hand, in the stored format and told apart from an outage: the least that a cache like this can cost. */
  readonly least?: Call
  /** Of an invocation, against by hand. */
  readonly atMost: number
}

/** CPU of `set`, `delete` and `has`, with 64 in flight, each against node-redis with plain JSON. */
export async function verbs(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  // Its per-command timeout off: it alone would triple the baseline.
  const client = createClient({ url: redis.url, RESP: 2, commandOptions: { timeout: 0 } })
  await client.connect()
  // A machine that is busy must not make it an outage.
  const invocation = createCache({ url: redis.url, namespace: 'a', timeout: 30_000 }).invocation()
  await invocation.setMany(KEYS.map((key) => ({ key: `there-${key}`, value: VALUE })))
  for (const key of KEYS) await client.set(`there-${key}`, JSON.stringify(VALUE))
  const all: readonly Verb[] = [
    {
      name: 'set',
      byHand: (key) => client.set(key, JSON.stringify(VALUE), { expiration: { type: 'PX', value: TTL } }),
      ours: async (key) => assertTrue(await invocation.set(key, VALUE, { ttl: TTL })),
      least: async (key) => assertTrue(await setByHand(client, key)),
      atMost: 1.2,
    },
    { name: 'delete', byHand: (key) => client.del(key), ours: async (key) => assertTrue(await invocation.delete(key)), atMost: 1.4 },
    {
      // Not EXISTS: what is past its time to live and kept for an outage is not there, and only the entry tells.
      name: 'has',
      byHand: async (key) => assertTrue(JSON.parse((await client.get(`there-${key}`)) ?? 'null') !== null),
      ours: async (key) => assertTrue(await invocation.has(`there-${key}`)),
      atMost: 1.25,
    },
  ]
  const rows = []
  const limits: Limit[] = []
  for (const [index, { name, byHand, ours, least, atMost }] of all.entries()) {
    const baseline = `${name} by hand`
    const subjects = {
      [baseline]: measure(byHand),
      ...(least === undefined ? {} : { [`${baseline}, in the stored format`]: measure(least) }),
      [name]: measure(ours),
    }
    const own = await ratios(subjects, baseline, rounds, (done) => onRound((index * rounds + done) / all.length))
    rows.push(...own)
    limits.push({ name: `${name} against by hand`, measured: own.find((row) => row.name === name)?.ratio ?? Number.NaN, atMost })
  }
  await invocation.close()
  client.destroy()
  return {
    title: `set, delete and has, ${IN_FLIGHT} in flight, one process`,
    unit: 'client CPU per call; node-redis + JSON by hand = 1 (quartiles; µs)',
    rows,
    limits,
  }
}

function measure(call: Call): Measure {
  return () => {
    let next = 0
    return cpuPerCall(CALLS, IN_FLIGHT, () => call(KEYS[(next += 1) % KEYS.length] ?? ''))
  }
}

/** A cache that gave Redis up would look fast. */
function assertTrue(outcome: boolean): void {
  if (!outcome) throw new Error('a call was not confirmed')
}
