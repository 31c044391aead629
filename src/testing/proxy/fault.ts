/** Every fault of the proxy. */
export const PROXY_FAULTS = [
  'healthy',
  'refuse',
  'blackhole',
  'silent',
  'reset',
  'halfReply',
  'slow',
  'latency',
  'drip',
  'garbage',
  'freeze',
  'huge',
  'closeIdle',
  'reroute',
] as const

/**
 * What the proxy does to the connections through it.
 *
 * - `healthy` passes everything on
 * - `refuse` nothing listens: a new connection is refused, those that are open are reset
 * - `blackhole` the SYN of a new connection is dropped, as by a firewall; on those that are open nothing moves
 * - `silent` accepts, and swallows what it is sent; no answer ever comes
 * - `reset` resets what is open at once, and a new connection at its first bytes
 * - `halfReply` passes `bytes` of the replies (default: half of the next one), then stalls, closes or resets
 * - `slow` every reply comes `delay` ms late
 * - `latency` every byte takes `delay` ms, each way: replies come after whole round trips
 * - `drip` replies come `bytes` at a time, every `delay` ms
 * - `garbage` answers with bytes that are neither RESP nor HTTP; the target sees nothing
 * - `freeze` nothing moves, nothing is lost: it goes on where it stopped
 * - `huge` answers with one RESP string of `bytes`; the target sees nothing
 * - `closeIdle` closes each connection on which nothing moved for `delay` ms
 * - `reroute` resets what is open; a new connection reaches the server of the URL `target` instead: one that asks for a
 *   password, speaks something else, or has the wrong certificate
 */
export type Fault = (typeof PROXY_FAULTS)[number]

/** How a fault is dosed. What a fault does not use is ignored. */
export interface FaultOptions {
  /** Milliseconds. Default: `slow` 2,000, `latency` 10, `drip` 50, `closeIdle` 100. */
  readonly delay?: number
  /** Default: `drip` 1, `huge` 32 MiB, `halfReply` half of the next reply. */
  readonly bytes?: number
  /** How `halfReply` goes on. Default: `stall`. */
  readonly then?: 'stall' | 'close' | 'reset'
  /** Where `reroute` leads to, as the proxy's own `target`. Required there. */
  readonly target?: string
}
