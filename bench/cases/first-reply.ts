import { createClient, RedisClient } from '@redis/client'
import { createCache } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import type { CaseResult, Fact } from '../lib/report.ts'
import { roundTrips } from '../lib/round-trips.ts'

/** ms each way: long enough for everything that one side says in one go to count as one. */
const DELAY = 20
const OURS = 'fastmiss'

/** Round trips between the TCP connect and the first reply on a fresh connection, with AUTH, as a delaying proxy sees them. */
export async function firstReply(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using redis = await startRedis({ password: 'secret' })
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set('latency', { delay: DELAY })
  const cache = createCache({ url: proxy.url, timeout: 10_000 })
  await cache.preload()
  const ask = async (count: number): Promise<void> => {
    await using invocation = cache.invocation()
    await Promise.all(Array.from({ length: count }, (_, index) => invocation.lookup(`key ${index}`).then(assertAnswered)))
  }
  const subjects: Readonly<Record<string, () => Promise<unknown>>> = {
    [`${OURS}, one get`]: () => ask(1),
    [`${OURS}, twenty gets in one turn`]: () => ask(20),
    'node-redis, lean, connect awaited': () => nodeRedis(proxy.url, true),
    'node-redis, lean, get queued': () => nodeRedis(proxy.url, false),
    'node-redis, as it comes': () => asItComes(proxy.url),
  }
  const most: Record<string, number> = {}
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(subjects)) {
      const from = proxy.events.length
      await run()
      await proxy.until(({ open }) => open === 0)
      most[name] = Math.max(most[name] ?? 0, roundTrips(proxy.events.slice(from)))
    }
    onRound(round + 1)
  }
  const rows: Fact[] = Object.entries(most).map(([name, value]) => ({ name, value, unit: 'round trips' }))
  return {
    title: `The first reply on a fresh connection with AUTH, ${DELAY} ms each way`,
    unit: 'round trips after the TCP connect, the most of all rounds',
    rows,
    limits: rows.filter(({ name }) => name.startsWith(OURS)).map(({ name, value }) => ({ name, measured: value, atMost: 1 })),
  }
}

/** A cache that does not answer would be measured as one that does. */
function assertAnswered({ status }: { readonly status: string }): void {
  if (status !== 'miss') throw new Error(`expected a miss, got ${status}`)
}

async function nodeRedis(url: string, isAwaited: boolean): Promise<void> {
  const client = new RedisClient({ url, RESP: 2, maintNotifications: 'disabled', disableClientInfo: true, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  const connecting = client.connect()
  if (isAwaited) await connecting
  // The reply may come with that of the handshake, and `destroy` then ends it before it is through.
  else connecting.catch(() => {})
  await client.sendCommand(['GET', 'key'])
  client.destroy()
}

async function asItComes(url: string): Promise<void> {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  await client.get('key')
  client.destroy()
}
