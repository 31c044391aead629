import { createCache } from 'fastmiss'
import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { ratios } from '../lib/pairs.ts'
import { type ProxiedCluster, startProxiedCluster } from '../lib/proxied-cluster.ts'
import type { CaseResult, Fact } from '../lib/report.ts'
import { sequentialRoundTrips } from '../lib/round-trips.ts'

const KEYS = Array.from({ length: 64 }, (_, index) => `app::key${index}`)
const OURS = 'fastmiss'
/** ms each way: so long that what a client does meanwhile is none of it. */
const DELAY = 25
/** Rounds under the delay. */
const DELAYED_ROUNDS = 3

/** A client of a cluster that has just been made. */
interface Client {
  /** Reads all keys at once. */
  read(): Promise<readonly unknown[]>
  close(): Promise<unknown> | void
}

type Make = (given: ProxiedCluster) => Promise<Client> | Client

const CLIENTS: Readonly<Record<string, Make>> = {
  async [OURS]({ url }) {
    const cache = createCache({ url, namespace: 'app', timeout: 10_000, connection: 'reuse' })
    await cache.preload()
    return { read: () => cache.getMany(KEYS.map((key) => key.slice('app::'.length))), close: () => cache.close() }
  },
  'node-redis createCluster': async ({ seeds }) => {
    const cluster = createCluster({ rootNodes: seeds.map(({ host, port }) => ({ url: `redis://${host}:${port}` })) })
    cluster.on('error', () => {})
    let connecting: Promise<unknown> | undefined
    return {
      read: async () => (await (connecting ??= cluster.connect()), Promise.all(KEYS.map((key) => cluster.get(key)))),
      close: () => cluster.close(),
    }
  },
  'ioredis Cluster': ({ seeds }) => {
    const cluster = new Cluster(seeds.map((seed) => ({ ...seed })))
    cluster.on('error', () => {})
    return { read: () => Promise.all(KEYS.map((key) => cluster.get(key))), close: () => cluster.disconnect() }
  },
}

/** 64 keys over three nodes: by a client that has just been made, and again by the same one. */
export async function cluster(rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  await using given = await startProxiedCluster({ replicas: 0 })
  const value = JSON.stringify({ value: 'x'.repeat(100) })
  for (const key of KEYS) await (await given.cluster.primaryOf(key)).ask(['SET', key, value])

  const facts: Fact[] = []
  for (const [name, make] of Object.entries(CLIENTS)) facts.push(...(await count(given, name, make)))

  const cold = await ratios(
    Object.fromEntries(Object.entries(CLIENTS).map(([name, make]) => [`cold: ${name}`, () => coldRead(given, make)])),
    `cold: ${OURS}`,
    rounds,
    (done) => onRound(done / 2),
  )
  const kept = await Promise.all(Object.entries(CLIENTS).map(async ([name, make]) => [name, await make(given)] as const))
  const warm = await ratios(
    Object.fromEntries(kept.map(([name, client]) => [`warm: ${name}`, () => warmRead(client)])),
    `warm: ${OURS}`,
    rounds,
    (done) => onRound((rounds + done) / 2),
  )
  for (const [, client] of kept) await client.close()
  const ofOurs = (what: string): number => facts.find(({ name }) => name === `${OURS}, ${what}`)?.value ?? Number.NaN
  return {
    title: '64 keys over a cluster of three nodes',
    unit: `time over that of ${OURS}, cold (made, read, closed) and warm (read again), in ms; and what it took, ${DELAY} ms each way`,
    rows: [...cold, ...warm, ...facts],
    limits: [
      { name: 'cold round trips', measured: ofOurs('cold round trips'), atMost: 2 },
      { name: 'cold dials', measured: ofOurs('cold dials'), atMost: 3 },
      { name: 'warm round trips', measured: ofOurs('warm round trips'), atMost: 1 },
      { name: 'warm dials', measured: ofOurs('warm dials'), atMost: 0 },
    ],
  }
}

/** Round trips one after the other, and connections, of a first and of a second read. */
async function count(given: ProxiedCluster, name: string, make: Make): Promise<readonly Fact[]> {
  await Promise.all(given.proxies.map((proxy) => proxy.set('latency', { delay: DELAY })))
  const seen: { readonly cold: Seen; readonly warm: Seen }[] = []
  for (let round = 0; round < DELAYED_ROUNDS; round += 1) {
    const client = await make(given)
    seen.push({ cold: await look(given, client), warm: await look(given, client) })
    await client.close()
    await until(() => given.count().open === 0)
  }
  await Promise.all(given.proxies.map((proxy) => proxy.set('healthy')))
  const most = (which: 'cold' | 'warm', what: keyof Seen): number => Math.max(...seen.map((one) => one[which][what]))
  return (['cold', 'warm'] as const).flatMap((which) => [
    { name: `${name}, ${which} round trips`, value: most(which, 'roundTrips'), unit: 'round trips' },
    { name: `${name}, ${which} dials`, value: most(which, 'dials'), unit: 'connections' },
  ])
}

interface Seen {
  readonly roundTrips: number
  readonly dials: number
}

async function look(given: ProxiedCluster, client: Client): Promise<Seen> {
  const { dials } = given.count()
  const since = given.proxies.map(({ events }) => events.length)
  assertHits(await client.read())
  const told = given.proxies.map((proxy, index) => proxy.events.slice(since[index]))
  return { roundTrips: sequentialRoundTrips(told), dials: given.count().dials - dials }
}

async function coldRead(given: ProxiedCluster, make: Make): Promise<number> {
  const startedAt = performance.now()
  const client = await make(given)
  assertHits(await client.read())
  const ms = performance.now() - startedAt
  await client.close()
  await until(() => given.count().open === 0)
  return ms
}

async function warmRead(client: Client): Promise<number> {
  const startedAt = performance.now()
  assertHits(await client.read())
  return performance.now() - startedAt
}

/** A client that reads nothing would be measured as a fast one. */
function assertHits(values: readonly unknown[]): void {
  if (values.length !== KEYS.length || values.some((value) => typeof value !== 'string')) throw new Error('a stored key was not read')
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2))
}
