import type { Fault, FaultOptions } from '../../testing/proxy/fault.ts'
import type { GatewayFault, GatewayFaultOptions } from '../../testing/upstash/fault.ts'

/** What an application may expect of its cache under a fault. */
export type Expectation =
  /** Nothing can be answered: one bounded attempt, remembered, and fast misses until the fault is over. */
  | 'outage'
  /** It only looks like trouble: every answer is a real one. */
  | 'harmless'
  /** An answer beyond the limits says nothing about the next one: each operation tries, within its bound. */
  | 'oversize'
  /** It is another shard that is broken: every answer is a real one, and none waits for the other. */
  | 'spared'

/** One fault of a drill, with the place where it is made. */
export type DrillFault = { readonly expectation: Expectation } & (
  | { readonly at: 'proxy'; readonly name: Fault; readonly dose?: FaultOptions }
  | { readonly at: 'gateway'; readonly name: GatewayFault; readonly dose?: GatewayFaultOptions }
)

const MEBIBYTE = 1_048_576

/**
 * Everything that can happen to a Redis over TCP. What is huge is beyond the limits of the cache, 8 MiB for an entry and 16 MiB for
 * an answer of REST, and not so large that reading it would be all there is to see.
 *
 * @param timeout of the cache, ms: what is slow must be slower than that
 */
export function tcpFaults(timeout: number): readonly DrillFault[] {
  return [
    { at: 'proxy', name: 'refuse', expectation: 'outage' },
    { at: 'proxy', name: 'blackhole', expectation: 'outage' },
    { at: 'proxy', name: 'silent', expectation: 'outage' },
    { at: 'proxy', name: 'freeze', expectation: 'outage' },
    { at: 'proxy', name: 'reset', expectation: 'outage' },
    { at: 'proxy', name: 'halfReply', expectation: 'outage' },
    { at: 'proxy', name: 'slow', dose: { delay: timeout * 4 }, expectation: 'outage' },
    { at: 'proxy', name: 'drip', dose: { delay: Math.max(50, timeout / 4) }, expectation: 'outage' },
    { at: 'proxy', name: 'garbage', expectation: 'outage' },
    { at: 'proxy', name: 'huge', dose: { bytes: 9 * MEBIBYTE }, expectation: 'outage' },
    { at: 'proxy', name: 'latency', dose: { delay: 5 }, expectation: 'harmless' },
    { at: 'proxy', name: 'closeIdle', expectation: 'harmless' },
  ]
}

/** Everything that can happen to Upstash over REST: to the connection, and to the answer. */
export function restFaults(timeout: number): readonly DrillFault[] {
  return [
    { at: 'proxy', name: 'refuse', expectation: 'outage' },
    { at: 'proxy', name: 'blackhole', expectation: 'outage' },
    { at: 'gateway', name: 'noHeaders', expectation: 'outage' },
    { at: 'gateway', name: 'bodyStops', expectation: 'outage' },
    { at: 'gateway', name: 'bodyBreaks', expectation: 'outage' },
    { at: 'gateway', name: 'reset', expectation: 'outage' },
    { at: 'gateway', name: '500', expectation: 'outage' },
    { at: 'gateway', name: '429', expectation: 'outage' },
    { at: 'gateway', name: '401', expectation: 'outage' },
    { at: 'gateway', name: 'html', expectation: 'outage' },
    { at: 'gateway', name: 'badJson', expectation: 'outage' },
    { at: 'gateway', name: 'wrongShape', expectation: 'outage' },
    { at: 'gateway', name: 'redirect', expectation: 'outage' },
    { at: 'gateway', name: 'redirectLoop', expectation: 'outage' },
    { at: 'gateway', name: 'slow', dose: { delay: timeout * 4 }, expectation: 'outage' },
    { at: 'gateway', name: 'huge', dose: { bytes: 17 * MEBIBYTE }, expectation: 'oversize' },
    { at: 'gateway', name: 'resetPooled', expectation: 'harmless' },
  ]
}
