import { subscribe } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkServerIdentity } from 'node:tls'
import { parentPort, workerData } from 'node:worker_threads'
import type { CacheOptions } from '../../facade/types.ts'
import type { CacheResult } from '../../options/types.ts'
import { trust } from '../trust.ts'
import { instant } from './instant.ts'
import type { ApplicationNews, ApplicationOrder, ApplicationSetting } from './application-port.ts'
import { LOOK_EVERY, watchLag } from './watch-lag.ts'

/**
 * The application of a drill, in a thread of its own: one request after the other, each of which reads a key and writes another.
 * Its attempts to connect are counted by the runtime, not by the cache, and it ends by itself or not at all, like any process.
 */
const { client, url, token, ca, certifiedHost, settings, namespace, ttl, pace } = workerData as ApplicationSetting
const port = parentPort
if (port === null) throw new Error('This is a thread of fastmiss drill')

const lag = watchLag()
subscribe('net.client.socket', () => tell({ type: 'dial', at: instant() }))

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
    const key = count % 2 === 1 ? 'present' : 'absent'
    const startedAt = instant()
    tell({ type: 'asked', at: startedAt })
    lag.take()
    const [found, isStored] = await Promise.all([cache.lookup(key), cache.set('written', count, { ttl })])
    const ms = instant() - startedAt
    // Sampled on until the loop has come round: what held it up during the answer is told only then.
    await sleep(Math.max(2 * LOOK_EVERY, pace - ms))
    tell({
      type: 'answer',
      answer: {
        startedAt,
        key,
        ms,
        status: found.status,
        ...(found.status === 'degraded' ? { reason: found.reason } : {}),
        ...(isStored ? { confirmed: count } : {}),
        lag: lag.take(),
      },
    })
    if (isToldTo('pause')) tell({ type: 'paused' })
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
