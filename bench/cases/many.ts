import { createClient } from '@redis/client'
import { createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { type Measure, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'
import { getManyByHand, setByHand, TTL } from '../lib/by-hand.ts'
import { VALUE } from '../lib/value.ts'

const FEW = 1_000
const MANY = 100_000
/** Calls of few keys a measurement, one after the other. */
const CALLS = 10
/** Each round has some of 100,000 keys: more would take minutes, and tell no more. */
const MANY_ROUNDS = 5

const READ_BY_HAND = 'MGET + JSON by hand'
const WRITE_BY_HAND = 'SETs + JSON by hand'
/** The least that a cache like this can cost. */
const IN_FORMAT = 'the same, in the stored format'

/** CPU of `getMany` and `setMany` of 1,000 keys against node-redis by hand, and what a key costs where there are 100,000. */
export async function many(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis()
  const client = createClient({ url: redis.url, RESP: 2, commandOptions: { timeout: 0 } })
  await client.connect()
  // A machine that is busy must not make it an outage.
  const cache = createCache({ url: redis.url, namespace: 'a', timeout: 60_000 })
  const invocation = cache.invocation()
  const keys = Array.from({ length: MANY }, (_, index) => `user:${index}`)
  const few = keys.slice(0, FEW)
  const entries = keys.map((key) => ({ key, value: VALUE, ttl: TTL }))
  const fewEntries = entries.slice(0, FEW)

  const readByHand = async (): Promise<unknown[]> => (await client.mGet(few)).map((text) => (text === null ? undefined : JSON.parse(text)))
  const writeByHand = async (): Promise<unknown[]> =>
    Promise.all(few.map((key) => client.set(key, JSON.stringify(VALUE), { expiration: { type: 'PX', value: TTL } })))
  const get = async (asked: readonly string[]): Promise<void> => assertAll(await invocation.getMany(asked), (one) => one !== undefined)
  const set = async (asked: readonly (typeof entries)[number][]): Promise<void> => assertAll(await invocation.setMany(asked), (one) => one === true)

  const setFew = (): Promise<unknown[]> => Promise.all(few.map((key) => setByHand(client, key)))

  await writeByHand()
  await setFew()
  await set(entries)
  const reads = await ratios(
    {
      [READ_BY_HAND]: perKey(CALLS, FEW, readByHand),
      [IN_FORMAT]: perKey(CALLS, FEW, () => getManyByHand(client, few)),
      getMany: perKey(CALLS, FEW, () => get(few)),
    },
    READ_BY_HAND,
    rounds,
    (done) => onRound(done / 3),
  )
  const writes = await ratios(
    { [WRITE_BY_HAND]: perKey(CALLS, FEW, writeByHand), [IN_FORMAT]: perKey(CALLS, FEW, setFew), setMany: perKey(CALLS, FEW, () => set(fewEntries)) },
    WRITE_BY_HAND,
    rounds,
    (done) => onRound((rounds + done) / 3),
  )
  const manyRounds = Math.min(rounds, MANY_ROUNDS)
  const pairs = { get: 'getMany of 1,000, a key', set: 'setMany of 1,000, a key' }
  const manyReads = await ratios(
    { [pairs.get]: perKey(MANY / FEW, FEW, () => get(few)), 'getMany of 100,000, a key': perKey(1, MANY, () => get(keys)) },
    pairs.get,
    manyRounds,
    (done) => onRound((rounds * (2 + (done / manyRounds) * 0.5)) / 3),
  )
  const manyWrites = await ratios(
    { [pairs.set]: perKey(MANY / FEW, FEW, () => set(fewEntries)), 'setMany of 100,000, a key': perKey(1, MANY, () => set(entries)) },
    pairs.set,
    manyRounds,
    (done) => onRound((rounds * (2.5 + (done / manyRounds) * 0.5)) / 3),
  )
  await invocation.close()
  client.destroy()
  const rows = [...reads, ...writes, ...manyReads, ...manyWrites]
  const ratioOf = (name: string): number => rows.find((row) => row.name === name)?.ratio ?? Number.NaN
  return {
    title: 'Many keys at once, one process',
    unit: 'client CPU a key, each against the first of its pair (quartiles; µs)',
    rows,
    limits: [
      { name: `getMany of 1,000 against ${READ_BY_HAND}`, measured: ratioOf('getMany'), atMost: 1.2 },
      { name: `setMany of 1,000 against ${WRITE_BY_HAND}`, measured: ratioOf('setMany'), atMost: 1.2 },
      { name: 'getMany: a key of 100,000 against one of 1,000', measured: ratioOf('getMany of 100,000, a key'), atMost: 1.5 },
      { name: 'setMany: a key of 100,000 against one of 1,000', measured: ratioOf('setMany of 100,000, a key'), atMost: 1.5 },
    ],
  }
}

/** CPU (µs) a key, of so many calls one after the other. */
function perKey(calls: number, keys: number, call: () => Promise<unknown>): Measure {
  return async () => {
    const before = process.cpuUsage()
    for (let index = 0; index < calls; index += 1) await call()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / (calls * keys)
  }
}

/** A cache that gave Redis up would look fast. */
function assertAll(outcomes: readonly unknown[], isRight: (outcome: unknown) => boolean): void {
  if (!outcomes.every(isRight)) throw new Error('a key had no answer')
}
