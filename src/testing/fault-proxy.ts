import type { Socket } from 'node:net'
import { checkFunction } from '../options/checks.ts'
import { checkDose, checkKnown, checkOneOf, checkOptions, checkPort } from './check-values.ts'
import { behaviour } from './proxy/behaviour-of.ts'
import { openDoor } from './proxy/door.ts'
import { type Fault, type FaultOptions, PROXY_FAULTS } from './proxy/fault.ts'
import { type LiveLink, openLink } from './proxy/link.ts'
import { type ProxyCounters, type ProxyEvent, proxyLog } from './proxy/proxy-log.ts'
import { parseTarget, type Target } from './proxy/target.ts'

/** What `faultProxy` takes. */
export interface FaultProxyOptions {
  /** The URL of any TCP service: `redis://…`, `rediss://…`, `http://…`, `tcp://host:port`. Required. */
  readonly target: string
  /** The port of loopback to listen on. Default, and 0: any free one. */
  readonly port?: number
  /** Told everything as it happens. Default: nothing. */
  readonly onEvent?: (event: ProxyEvent) => void
}

/** A proxy with every fault at a switch. */
export interface FaultProxy {
  /** The target's URL, with the proxy's host and port in it. */
  readonly url: string
  readonly port: number
  /** The fault that is on. */
  readonly fault: Fault
  readonly counters: ProxyCounters
  /** The last 10,000 events, oldest first. */
  readonly events: readonly ProxyEvent[]
  /**
   * Turns a fault on, for the connections that are open and those to come; `healthy` turns it off.
   * A connection that lost bytes, or was sent made-up ones, is reset by the next change; what was
   * only held back is then delivered.
   *
   * @returns when it holds
   * @throws TypeError where there is no such fault or option, or `reroute` is given no URL with a port; RangeError for a dose that is
   *   none; Error after `stop`
   */
  set(fault: Fault, options?: FaultOptions): Promise<void>
  /** Cuts the connections that are open. Default: `close`, in good order. */
  cut(how?: 'close' | 'reset'): void
  /**
   * Resolves as soon as the counters say so: `proxy.until(({ open }) => open === 0)`. Rejects where the proxy was stopped before
   * they did, and with what the function throws.
   */
  until(isTrue: (counters: ProxyCounters) => boolean): Promise<void>
  /** Cuts every connection and frees the port. May be called again. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Stands in front of a TCP service and breaks it on demand. It works with any client: it knows
 * bytes, not Redis. It does not keep this process alive.
 *
 * @param options the target, and the port to listen on
 * @throws TypeError where the target is not a URL with a port, or an option is unknown
 * @example
 * ```ts
 * import { createCache } from 'fastmiss'
 * import { faultProxy, startRedis } from 'fastmiss/testing'
 *
 * await using redis = await startRedis()
 * await using proxy = await faultProxy({ target: redis.url })
 * const cache = createCache({ url: proxy.url, timeout: 100 })
 *
 * await proxy.set('blackhole')
 * console.log(await cache.lookup('key')) // { status: 'degraded', reason: 'timeout', phase: 'connect', … }
 * console.log(proxy.counters.open) // 0
 * ```
 */
export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  checkOptions(options, ['target', 'port', 'onEvent'])
  checkPort(options.port)
  checkFunction('onEvent', options.onEvent)
  const target = parseTarget(options.target)
  const log = proxyLog(options.onEvent ?? (() => {}))
  const links = new Set<LiveLink>()
  let fault: Fault = 'healthy'
  let dose: FaultOptions = {}
  let detour: Target | undefined
  let isStopped = false

  const accept = (client: Socket): void => {
    const connection = log.counters.connections + 1
    log.add({ type: 'connect', connection })
    const live = openLink(client, detour ?? target, (link) => behaviour(fault, dose, link), {
      request: (bytes) => log.add({ type: 'request', connection, bytes }),
      reply: (bytes) => log.add({ type: 'reply', connection, bytes }),
      targetFailed: (code) => log.add({ type: 'targetFailed', connection, code }),
      closed: () => log.add({ type: 'close', connection }),
    })
    links.add(live)
    client.on('close', () => links.delete(live))
  }
  const door = await openDoor(options.port === 0 ? undefined : options.port, accept)
  const cut = (how: 'close' | 'reset' = 'close'): void => {
    checkOneOf('cut', how, ['close', 'reset'])
    for (const live of links) live[how]()
  }
  const turn = async (next: Fault, nextDose: FaultOptions): Promise<void> => {
    checkKnown('set', next, PROXY_FAULTS)
    checkDose(nextDose, ['delay', 'bytes', 'then', 'target'], next === 'drip' ? 1 : 0)
    checkOneOf('then', nextDose.then, ['stall', 'close', 'reset'])
    // It would take its port again, and nobody would leave it.
    if (isStopped) throw new Error('set: the proxy was stopped')
    const nextDetour = next === 'reroute' ? parseTarget(nextDose.target ?? '') : undefined
    await door.turn(next)
    fault = next
    dose = nextDose
    detour = nextDetour
    log.add({ type: 'fault', fault })
    if (next === 'refuse' || next === 'reset' || next === 'reroute') return cut('reset')
    for (const live of links) live.apply((link) => behaviour(next, nextDose, link))
  }
  // One change after the other: two at once would fight for the port.
  let changes: Promise<void> = Promise.resolve()
  const afterwards = (change: () => Promise<void>): Promise<void> => {
    const changed = changes.then(change)
    changes = changed.catch(() => {})
    return changed
  }
  const stop = (): Promise<void> =>
    afterwards(async () => {
      isStopped = true
      await door.shut()
      cut('reset')
      log.end()
    })
  return {
    url: target.urlAt(door.port),
    port: door.port,
    get fault() {
      return fault
    },
    get counters() {
      return log.counters
    },
    get events() {
      return log.events
    },
    set: (next, nextDose = {}) => afterwards(() => turn(next, nextDose)),
    cut,
    until: log.until,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
