import { createClient } from '@redis/client'
import { type Fault, type FaultOptions, type FaultProxy, faultProxy, type LocalRedis, startRedis, type StartRedisOptions } from 'fastmiss/testing'
import type { Outage } from './outage.ts'
import { SECRETS } from './secrets.ts'

/** How a TCP fault is made; the rest of an outage is the same for all. */
export interface TcpFault {
  readonly redis?: StartRedisOptions
  /** What the cache connects to instead of the proxy's URL. */
  readonly url?: (proxy: FaultProxy) => string
  readonly options?: (redis: LocalRedis) => Readonly<Record<string, unknown>>
  /** Another server that the fault needs; stopped with the outage. */
  readonly extra?: () => Promise<{ readonly url: string; stop(): Promise<void> }>
  readonly break: (parts: Parts) => Promise<unknown>
  /** Default: the proxy is healthy again. */
  readonly cure?: (parts: Parts) => Promise<unknown>
}

/** What a fault can be made with. */
export interface Parts {
  readonly proxy: FaultProxy
  /** Asks the Redis itself, past the proxy. */
  raw(...command: string[]): Promise<unknown>
  /** The URL of the other server. */
  readonly extraUrl: string
}

/** @returns a real Redis with a password behind a proxy, and the switch to break it */
export async function startTcpOutage(fault: TcpFault): Promise<Outage> {
  const redis = await startRedis({ password: SECRETS.password, ...fault.redis })
  const extra = await fault.extra?.()
  const proxy = await faultProxy({ target: redis.url })
  const raw = (...command: string[]): Promise<unknown> => askRedis(redis, command)
  const parts: Parts = { proxy, raw, extraUrl: extra?.url ?? '' }
  return {
    url: fault.url?.(proxy) ?? proxy.url,
    ...(fault.options === undefined ? {} : { options: fault.options(redis) }),
    async break() {
      await fault.break(parts)
    },
    async cure() {
      if (fault.cure === undefined) await proxy.set('healthy')
      else await fault.cure(parts)
    },
    get attempts() {
      return proxy.counters.connections
    },
    get open() {
      return proxy.counters.open
    },
    raw,
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await extra?.stop()
      await redis.stop()
    },
  }
}

/** @returns a fault that the proxy makes */
export function byProxy(fault: Fault, options?: FaultOptions): () => Promise<Outage> {
  return () => startTcpOutage({ break: ({ proxy }) => proxy.set(fault, options) })
}

/** A connection for each command: what is asked is rare, and the server may have been killed in between. */
export async function askRedis({ url, ca }: LocalRedis, command: readonly string[]): Promise<unknown> {
  const client = createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    socket: { reconnectStrategy: false, connectTimeout: 2_000, ...(ca === undefined ? {} : { tls: true as const, ca }) },
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand([...command])
  } finally {
    client.destroy()
  }
}
