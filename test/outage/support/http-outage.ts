import {
  type Fault,
  type FaultProxy,
  faultProxy,
  type GatewayFault,
  type GatewayFaultOptions,
  type LocalUpstash,
  startRedis,
  startUpstash,
} from 'fastmiss/testing'
import type { Outage } from './outage.ts'
import { SECRETS } from './secrets.ts'
import { askRedis } from './tcp-outage.ts'

/** What an HTTP fault can be made with. */
export interface HttpParts {
  readonly gateway: LocalUpstash
  /** In front of the gateway. */
  readonly proxy: FaultProxy
  /** In front of the Redis behind the gateway. */
  readonly backend: FaultProxy
  /** A gateway of somebody else. */
  readonly elsewhere: LocalUpstash
}

/** How a fault over HTTP is made, and mended. */
export interface HttpFault {
  readonly break: (parts: HttpParts) => unknown
  readonly cure: (parts: HttpParts) => unknown
  /** What the cache is given; the gateway's own address where the fault is the gateway's. */
  readonly url: (parts: HttpParts) => string
}

/** @returns a real Redis behind a gateway, with a switch to break what is in between */
export async function startHttpOutage(fault: HttpFault): Promise<Outage> {
  const redis = await startRedis({ password: SECRETS.password })
  const backend = await faultProxy({ target: redis.url })
  const gateway = await startUpstash({ redis: backend.url, token: SECRETS.token })
  const elsewhere = await startUpstash({ redis: redis.url, token: SECRETS.token })
  const proxy = await faultProxy({ target: gateway.url })
  const parts: HttpParts = { gateway, proxy, backend, elsewhere }
  const url = fault.url(parts)
  const isProxied = url === proxy.url
  return {
    url,
    options: { token: SECRETS.token },
    async break() {
      await fault.break(parts)
    },
    async cure() {
      await fault.cure(parts)
    },
    /** Requests, those that reached only the proxy and those that were sent elsewhere included. */
    get attempts() {
      return (isProxied ? asked(proxy) : gateway.requests) + elsewhere.requests
    },
    get open() {
      return (isProxied ? proxy.counters.open : gateway.open) + elsewhere.open
    },
    raw: (...command) => askRedis(redis, command),
    async [Symbol.asyncDispose]() {
      await proxy.stop()
      await gateway.stop()
      await elsewhere.stop()
      await backend.stop()
      await redis.stop()
    },
  }
}

/** Connections over which something was asked: runtimes open some that nobody uses. */
function asked({ events }: FaultProxy): number {
  return new Set(events.flatMap((event) => (event.type === 'request' ? [event.connection] : []))).size
}

/** @returns a fault of the gateway itself */
export function byGateway(fault: GatewayFault, options?: GatewayFaultOptions): () => Promise<Outage> {
  return () =>
    startHttpOutage({
      break: ({ gateway }) => gateway.set(fault, options),
      cure: ({ gateway }) => gateway.set('healthy'),
      url: ({ gateway }) => gateway.url,
    })
}

/** @returns a fault of the network before the gateway */
export function byNetwork(fault: Fault): () => Promise<Outage> {
  return () => startHttpOutage({ break: ({ proxy }) => proxy.set(fault), cure: ({ proxy }) => proxy.set('healthy'), url: ({ proxy }) => proxy.url })
}

/** @returns a gateway that sends everybody to another one, where the token is good */
export function byRedirect(): () => Promise<Outage> {
  return () =>
    startHttpOutage({
      break: ({ gateway, elsewhere }) => gateway.set('redirect', { redirectTo: `${elsewhere.url}/pipeline` }),
      cure: ({ gateway }) => gateway.set('healthy'),
      url: ({ gateway }) => gateway.url,
    })
}

/** @returns a gateway whose Redis is away */
export function byBackend(fault: Fault): () => Promise<Outage> {
  return () =>
    startHttpOutage({ break: ({ backend }) => backend.set(fault), cure: ({ backend }) => backend.set('healthy'), url: ({ gateway }) => gateway.url })
}
