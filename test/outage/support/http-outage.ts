import { once } from 'node:events'
import { get } from 'node:http'
import { type Fault, type FaultProxy, faultProxy, type GatewayFault, type LocalUpstash, startRedis, startUpstash } from 'fastmiss/testing'
import type { Outage } from './outage.ts'
import { SECRETS } from './secrets.ts'
import { askRedis } from './tcp-outage.ts'

/** What stands between the cache and a healthy Redis, and can be broken. */
interface Way {
  readonly url: string
  break(): unknown
  cure(): unknown
  /** Requests that reached anybody. */
  attempts(): number
  open(): number
  stop(): Promise<unknown>
}

type Start = () => Promise<Outage>

/** @returns a fault of the gateway itself */
export function byGateway(fault: GatewayFault): Start {
  return () => startHttpOutage(async (redisUrl) => overGateway(await gatewayTo(redisUrl), (gateway) => gateway.set(fault)))
}

/** @returns a fault of the network before the gateway */
export function byNetwork(fault: Fault): Start {
  return () =>
    startHttpOutage(async (redisUrl) => {
      const gateway = await gatewayTo(redisUrl)
      const proxy = await faultProxy({ target: gateway.url })
      return {
        url: proxy.url,
        break: () => proxy.set(fault),
        cure: () => proxy.set('healthy'),
        attempts: () => asked(proxy),
        open: () => proxy.counters.open,
        stop: () => stopAll(proxy, gateway),
      }
    })
}

/** @returns a gateway that sends everybody to another one, where the token is good */
export function byRedirect(): Start {
  return () =>
    startHttpOutage(async (redisUrl) => {
      const elsewhere = await gatewayTo(redisUrl)
      const before = elsewhere.requests
      const way = overGateway(await gatewayTo(redisUrl), (gateway) => gateway.set('redirect', { redirectTo: `${elsewhere.url}/pipeline` }))
      return {
        ...way,
        attempts: () => way.attempts() + elsewhere.requests - before,
        open: () => way.open() + elsewhere.open,
        stop: async () => Promise.all([way.stop(), elsewhere.stop()]),
      }
    })
}

/** @returns a gateway whose Redis is away */
export function byBackend(fault: Fault): Start {
  return () =>
    startHttpOutage(async (redisUrl) => {
      const backend = await faultProxy({ target: redisUrl })
      const gateway = await gatewayTo(backend.url)
      const way = overGateway(gateway, () => {})
      return { ...way, break: () => backend.set(fault), cure: () => backend.set('healthy'), stop: () => stopAll(gateway, backend) }
    })
}

async function startHttpOutage(build: (redisUrl: string) => Promise<Way>): Promise<Outage> {
  const redis = await startRedis({ password: SECRETS.password })
  const way = await build(redis.url)
  return {
    url: way.url,
    options: { token: SECRETS.token },
    async break() {
      await way.break()
    },
    async cure() {
      await way.cure()
    },
    get attempts() {
      return way.attempts()
    },
    get open() {
      return way.open()
    },
    raw: (...command) => askRedis(redis, command),
    async [Symbol.asyncDispose]() {
      await way.stop()
      await redis.stop()
    },
  }
}

/** Connected to its Redis already: a busy machine must not make a healthy one look sick. */
async function gatewayTo(redisUrl: string): Promise<LocalUpstash> {
  const gateway = await startUpstash({ redis: redisUrl, token: SECRETS.token })
  await once(get(`${gateway.url}/ping?_token=${SECRETS.token}`, { agent: false }), 'close')
  return gateway
}

function overGateway(gateway: LocalUpstash, breakIt: (gateway: LocalUpstash) => void): Way {
  const before = gateway.requests
  return {
    url: gateway.url,
    break: () => breakIt(gateway),
    cure: () => gateway.set('healthy'),
    attempts: () => gateway.requests - before,
    open: () => gateway.open,
    stop: () => gateway.stop(),
  }
}

/** Connections over which something was asked: runtimes open some that nobody uses. */
function asked({ events }: FaultProxy): number {
  return new Set(events.flatMap((event) => (event.type === 'request' ? [event.connection] : []))).size
}

/** The first one first: it stands before the others. */
async function stopAll(...servers: readonly { stop(): Promise<void> }[]): Promise<void> {
  for (const server of servers) await server.stop()
}
