import { createClient } from '@redis/client'
import { createCache } from 'fastmiss'
import { startRedis, testCache } from 'fastmiss/testing'
import { cpuPerCall } from '../lib/cpu.ts'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult, Fact } from '../lib/report.ts'
import { VALUE } from '../lib/value.ts'

const KEYS = Array.from({ length: 10_000 }, (_, index) => `user:${index}`)
const TTL = 600_000

/** CPU of a `wrapMany` of 10,000 keys against `getMany` and `setMany` by hand: all there, and none. */
export async function wrapMany(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  const client = await createClient({ url: redis.url }).connect()
  // A machine that is busy must not make it an outage.
  const invocation = createCache({ url: redis.url, namespace: 'a', timeout: 30_000 }).invocation()
  const load = (keys: readonly string[]): Map<string, object> => new Map(keys.map((key) => [key, VALUE]))
  const through = (): Promise<unknown[]> => invocation.wrapMany(KEYS, load, { ttl: TTL })
  async function byHand(): Promise<unknown[]> {
    const found = await invocation.getMany(KEYS)
    const missing = KEYS.filter((_, index) => found[index] === undefined)
    if (missing.length === 0) return found
    const loaded = load(missing)
    await invocation.setMany([...loaded].map(([key, value]) => ({ key, value, ttl: TTL })))
    return KEYS.map((key, index) => found[index] ?? loaded.get(key))
  }
  async function measured(call: () => Promise<unknown[]>, times = 1): Promise<number> {
    const cost = await cpuPerCall(times, 1, call)
    const stored = await client.dbSize()
    if (stored !== KEYS.length) throw new Error(`${stored} of ${KEYS.length} values are stored`)
    return cost
  }
  const missed =
    (call: () => Promise<unknown[]>): Measure =>
    async () => {
      await client.flushAll()
      return measured(call)
    }
  const misses = await ratios(
    { 'none there, by hand': missed(byHand), 'none there, wrapMany': missed(through) },
    'none there, by hand',
    rounds,
    (done) => onRound(done / 2),
  )
  const hits = await ratios(
    { 'all there, by hand': () => measured(byHand, 5), 'all there, wrapMany': () => measured(through, 5) },
    'all there, by hand',
    rounds,
    (done) => onRound(rounds / 2 + done / 2),
  )
  await invocation.close()
  client.destroy()
  const [miss, hit] = await roundTrips(load)
  const last = (rows: typeof hits): number => rows.at(-1)?.ratio ?? Number.NaN
  return {
    title: `wrapMany, ${KEYS.length.toLocaleString('en')} keys`,
    unit: 'client CPU of the whole call; getMany, and setMany of what is missing, by hand = 1 (quartiles; µs)',
    rows: [...hits, ...misses, fact('all there', hit), fact('none there', miss)],
    limits: [
      { name: 'all there, against by hand', measured: last(hits), atMost: 1.15 },
      // What it does beside: one load for all who ask meanwhile, key by key; wishes, tags and outcomes by key.
      { name: 'none there, against by hand', measured: last(misses), atMost: 2.5 },
      { name: 'round trips, all there', measured: hit, atMost: 1 },
      { name: 'round trips, none there', measured: miss, atMost: 2 },
    ],
  }
}

/** Of a call that finds none, and of the next one, that finds all. */
async function roundTrips(load: (keys: readonly string[]) => Map<string, object>): Promise<[miss: number, hit: number]> {
  await using cache = testCache()
  await cache.wrapMany(KEYS, load, { ttl: TTL })
  const miss = cache.counters.requests
  await cache.wrapMany(KEYS, load, { ttl: TTL })
  return [miss, cache.counters.requests - miss]
}

function fact(name: string, value: number): Fact {
  return { name, value, unit: 'round trips' }
}
