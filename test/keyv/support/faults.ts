import type { Fault, FaultOptions } from 'fastmiss/testing'

/** Every fault of the proxy that keeps a Redis from answering within 500 ms, as it is dosed for that. */
export const FAULTS: readonly (readonly [fault: Fault, dose: FaultOptions])[] = [
  ['refuse', {}],
  ['blackhole', {}],
  ['silent', {}],
  ['reset', {}],
  ['halfReply', { bytes: 1 }],
  ['halfReply', { bytes: 1, then: 'close' }],
  ['halfReply', { bytes: 1, then: 'reset' }],
  ['slow', { delay: 2_000 }],
  ['latency', { delay: 600 }],
  ['drip', { bytes: 1, delay: 1_000 }],
  ['garbage', {}],
  ['freeze', {}],
]
