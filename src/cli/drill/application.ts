import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkServerIdentity } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import type { CacheOptions } from '../../facade/types.ts'
import type { CacheResult } from '../../options/types.ts'
import { trust } from '../trust.ts'
import { instant } from './instant.ts'
import type { ApplicationNews, ApplicationOrder, ApplicationSetting, ShardAnswer, ShardKeys } from './application-port.ts'
import { LOOK_EVERY, watchLag } from './watch-lag.ts'

/**
 * The application of a drill, in a thread of its own: one request after the other, each of which reads a key and writes another.
 * Its attempts to connect are counted by the runtime, not by the cache, and it ends by itself or not at all, like any process.
 */
const { client, url, token, ca, certifiedHost, settings, namespace, keys, nodeAddress, ttl, pace } = workerData as ApplicationSetting
const port = parentPort
if (port === null) throw new Error('This is a thread of fastmiss drill')

const lag = watchLag()
subscribe('net.client.socket', (message) => {
  if (nodeAddress === undefined) return tell({ type: 'dial', at: instant() })
  // Whose port it is dialled for is known a moment later.
  const { socket } = message as { readonly socket: Socket }
  socket.once('connectionAttempt', (_address: string, to: number) => tell({ type: 'dial', at: instant(), port: to }))
})

let order = 'pause' as ApplicationOrder
let wake = (): void => {}
port.on('message', (next: ApplicationOrder) => {
  order = next
  wake()
})

if (ca !== undefined) await trust(ca)
const { createCache } = (await import(client)) as { createCache(options: CacheOptions): Client }
const cache = createCache({
  url,
  ...(token === undefined ? {} : { token }),
  ...(certifiedHost === undefined ? {} : { tls: identity(certifiedHost) }),
  ...(nodeAddress === undefined ? {} : { nodeAddress }),
  namespace,
  ...settings,
})
await cache.preload()
tell({ type: 'paused' })
await answerRequests()
lag.stop()
// Nothing else of ours is open: whatever keeps this thread from now on is the cache's.
tell({ type: 'over', at: instant() })
port.close()

/** What is used of a cache. */
interface Client {
  preload(): Promise<void>
  lookup(key: string): Promise<CacheResult<unknown>>
  set(key: string, value: unknown, options: { ttl: number }): Promise<boolean>
}

async function answerRequests(): Promise<void> {
  for (let count = 1; ; count++) {
    while (isToldTo('pause')) await new Promise<void>((resolve) => (wake = resolve))
    if (isToldTo('end')) return
    const startedAt = instant()
    tell({ type: 'asked', at: startedAt })
    lag.take()
    const answers = await Promise.all(keys.map((own, shard) => ask(own, shard, count)))
    // Sampled on until the loop has come round: what held it up during the answer is told only then.
    await sleep(Math.max(2 * LOOK_EVERY, pace - (instant() - startedAt)))
    const lost = lag.take()
    for (const answer of answers) tell({ type: 'answer', answer: { ...answer, lag: lost } })
    if (isToldTo('pause')) tell({ type: 'paused' })
  }
}

/** What one shard makes of a request: it reads a key that is there, or one that is not, and writes another. */
async function ask(own: ShardKeys, shard: number, count: number): Promise<Omit<ShardAnswer, 'lag'>> {
  const key = count % 2 === 1 ? 'present' : 'absent'
  const startedAt = instant()
  const [found, isStored] = await Promise.all([cache.lookup(own[key]), cache.set(own.written, count, { ttl })])
  return {
    shard,
    startedAt,
    key,
    ms: instant() - startedAt,
    status: found.status,
    ...('from' in found ? { from: found.from } : {}),
    ...('reason' in found && found.reason !== undefined ? { reason: found.reason } : {}),
    ...(isStored ? { confirmed: count } : {}),
  }
}

/** It changes while a request is under way. */
function isToldTo(what: ApplicationOrder): boolean {
  return order === what
}

/** The connection leads through a proxy on loopback; the certificate is for the server behind it. */
function identity(host: string): Readonly<Record<string, unknown>> {
  const isName = !/^[\d.]+$|:/.test(host)
  return {
    ...(isName ? { servername: host } : {}),
    checkServerIdentity: (_proxy: string, certificate: never) => checkServerIdentity(host, certificate),
  }
}

function tell(news: ApplicationNews): void {
  port?.postMessage(news)
}
