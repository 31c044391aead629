import { createClient } from '@redis/client'
import { type Fault, type FaultOptions, type FaultProxy, faultProxy, type LocalRedis, startRedis, type StartRedisOptions } from 'fastmiss/testing'
import { lowPorts } from '../../../src/testing/low-ports.ts'
import { certificates } from './certificates.ts'
import type { Outage } from './outage.ts'
import { SECRETS } from './secrets.ts'

/** How a TCP fault is made; the rest of an outage is the same for all. */
export interface TcpFault {
  /** The Redis is ended, and started anew at the same port. */
  readonly isKilled?: boolean
  readonly redis?: StartRedisOptions
  /** Default: it asks for one, and the URL holds it. */
  readonly asksNoPassword?: boolean
  /** It speaks TLS, with a certificate that the cache trusts. */
  readonly isTls?: boolean
  /** Further options of `createCache`, as JSON. */
  readonly options?: Readonly<Record<string, unknown>>
  /** What the cache connects to instead of the proxy's URL. */
  readonly url?: (proxy: FaultProxy) => string
  /** Another server that the fault needs; stopped with the outage. */
  readonly extra?: () => Promise<Extra>
  readonly break: (parts: Parts) => Promise<unknown>
  /** Default: the proxy is healthy again. */
  readonly cure?: (parts: Parts) => Promise<unknown>
}

/** A server that is not the right one. */
export interface Extra {
  readonly url: string
  stop(): Promise<void>
}

/** What a fault can be made with. */
export interface Parts {
  readonly proxy: FaultProxy
  /** Ends the Redis; `revive` starts an empty one at the same port. */
  kill(): Promise<void>
  revive(): Promise<void>
  /** Asks the Redis itself, past the proxy. */
  raw(...command: string[]): Promise<unknown>
  /** The URL of the other server. */
  readonly extraUrl: string
}

/** @returns a real Redis with a password behind a proxy, and the switch to break it */
export async function startTcpOutage(fault: TcpFault): Promise<Outage> {
  const { ca, redisArgs } = await certificates()
  const settings = {
    ...(fault.asksNoPassword === true ? {} : { password: SECRETS.password }),
    ...(fault.isTls === true ? { tls: true, args: redisArgs } : {}),
    ...fault.redis,
  }
  let redis = await (fault.isKilled === true ? startAtItsOwn(settings) : startRedis(settings))
  const extra = await fault.extra?.()
  const proxy = await faultProxy({ target: redis.url })
  const raw = (...command: string[]): Promise<unknown> => askRedis({ url: redis.url, ca }, command)
  const parts: Parts = {
    proxy,
    raw,
    extraUrl: extra?.url ?? '',
    kill: () => redis.stop(),
    async revive() {
      redis = await startRedis({ ...settings, port: redis.port })
    },
  }
  return {
    url: fault.url?.(proxy) ?? proxy.url,
    options: { ...fault.options, ...(fault.isTls === true ? { tls: { ca } } : {}) },
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

/** At a port that the system gives to nobody else while it is killed: another test's Redis would answer there. */
async function startAtItsOwn(settings: StartRedisOptions): Promise<LocalRedis> {
  for (let attempt = 1; ; attempt += 1) {
    const [port = 0] = await lowPorts(1)
    try {
      return await startRedis({ ...settings, port })
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

/** @returns a fault that a wrong server at the same address makes */
export function byReroute(fault: Omit<TcpFault, 'break'>): () => Promise<Outage> {
  return () => startTcpOutage({ ...fault, break: ({ proxy, extraUrl }) => proxy.set('reroute', { target: extraUrl }) })
}

/** @returns a fault that the proxy makes */
export function byProxy(fault: Fault, options?: FaultOptions): () => Promise<Outage> {
  return () => startTcpOutage({ break: ({ proxy }) => proxy.set(fault, options) })
}

/** A connection for each command: what is asked is rare, and the server may have been killed in between. */
export async function askRedis({ url, ca }: { readonly url: string; readonly ca?: string }, command: readonly string[]): Promise<unknown> {
  const client = createClient({
    url,
    RESP: 2,
    disableClientInfo: true,
    socket: { reconnectStrategy: false, connectTimeout: 2_000, ...(url.startsWith('rediss:') && ca !== undefined ? { tls: true as const, ca } : {}) },
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand([...command])
  } finally {
    client.destroy()
  }
}
