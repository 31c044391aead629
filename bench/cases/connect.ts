import { type Cache, type CacheOperations, createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { RedisClient } from '../lib/node-redis.ts'
import { type Measure, type Ratio, ratios } from '../lib/pairs.ts'
import type { CaseResult } from '../lib/report.ts'

const KEY = 'key'
const VALUE = JSON.stringify({ value: { id: 1, name: 'Ada Lovelace' } })
/** Invocations a measurement: short, so that both of a pair meet the same machine, and in so many more rounds. */
const FRESH = 20
const KEPT = 100
const FRESH_ROUNDS = 6
/** More: a round trip on a kept connection takes so little that the machine's own moods weigh more than what is looked for. */
const KEPT_ROUNDS = 24

const BY_HAND = 'node-redis, lean, by hand: connect + get + close'
const MODULE_SCOPE = 'node-redis at module scope: get'
const PER_INVOCATION = 'fastmiss: connect + get + close an invocation'
const REUSE = 'fastmiss, reuse, at module scope: get'
const REUSE_INVOCATION = 'fastmiss, reuse: get + close an invocation'

/** What one invocation costs in time, with a connection of its own and with one that is kept. */
export async function connect(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis({ password: 'secret' })
  const { url } = redis
  const kept = await connected(url)
  await kept.sendCommand(['SET', KEY, VALUE])
  const fresh = createCache({ url, timeout: 10_000 })
  const reused = createCache({ url, timeout: 10_000, connection: 'reuse' })
  await Promise.all([fresh.preload(), reused.preload()])

  const freshRows = await ratios(
    { [BY_HAND]: timed(FRESH, () => byHand(url)), [PER_INVOCATION]: timed(FRESH, () => invoke(fresh)) },
    BY_HAND,
    rounds * FRESH_ROUNDS,
    (done) => onRound(done / FRESH_ROUNDS / 2),
  )
  const keptRows = await ratios(
    {
      [MODULE_SCOPE]: timed(KEPT, () => parsed(kept)),
      [REUSE]: timed(KEPT, () => hit(reused)),
      [REUSE_INVOCATION]: timed(KEPT, () => invoke(reused)),
    },
    MODULE_SCOPE,
    rounds * KEPT_ROUNDS,
    (done) => onRound((rounds + done / KEPT_ROUNDS) / 2),
  )
  await reused.close()
  kept.destroy()
  return {
    title: 'One invocation with one get, on loopback, one after the other',
    unit: `time per invocation; node-redis doing the same = 1 (quartiles; µs)`,
    rows: [...freshRows, ...keptRows],
    limits: [
      { name: 'a connection of its own, against node-redis by hand', measured: ratioOf(freshRows, PER_INVOCATION), atMost: 1.15 },
      { name: 'a kept connection, against node-redis at module scope', measured: ratioOf(keptRows, REUSE), atMost: 1.1 },
      { name: 'the same with an invocation opened and closed around it', measured: ratioOf(keptRows, REUSE_INVOCATION), atMost: 1.1 },
    ],
  }
}

function ratioOf(rows: readonly Ratio[], name: string): number {
  return rows.find((row) => row.name === name)?.ratio ?? Number.NaN
}

/** µs a call. */
function timed(calls: number, call: () => Promise<unknown>): Measure {
  return async () => {
    const startedAt = performance.now()
    for (let index = 0; index < calls; index += 1) await call()
    return ((performance.now() - startedAt) * 1_000) / calls
  }
}

async function invoke(cache: Cache): Promise<void> {
  const invocation = cache.invocation()
  await hit(invocation)
  await invocation.close()
}

async function hit(cache: CacheOperations): Promise<void> {
  if ((await cache.get(KEY)) === undefined) throw new Error('fastmiss: expected a hit')
}

/** The get rides behind the handshake: whoever knows node-redis well saves that round trip too. */
async function byHand(url: string): Promise<void> {
  const client = lean(url)
  client.connect().catch(() => {})
  await parsed(client)
  client.destroy()
}

async function connected(url: string): Promise<Client> {
  const client = lean(url)
  await client.connect()
  return client
}

type Client = ReturnType<typeof lean>

// oxlint-disable-next-line typescript/explicit-function-return-type -- the driver's type parameters are beside the point
function lean(url: string) {
  const client = new RedisClient({
    url,
    RESP: 2,
    maintNotifications: 'disabled',
    disableClientInfo: true,
    commandOptions: { timeout: 0 },
    socket: { reconnectStrategy: false },
  })
  client.on('error', () => {})
  return client
}

async function parsed(client: Client): Promise<unknown> {
  const entry = JSON.parse(await client.sendCommand<string>(['GET', KEY])) as { value: unknown }
  return entry.value
}
