import type { CacheEvent } from '../options/events.ts'
import type { TransportOptions } from '../transport/transport-options.ts'
import type { Transport } from '../transport/transport.ts'

/** What differs between runtimes. Chosen by the entry, never by sniffing. */
export interface Runtime {
  /** Makes the transport for a URL's scheme. @throws TypeError where the runtime has none for it */
  readonly transport: (options: TransportOptions) => Transport
  /**
   * How long calls outside an invocation may share a connection: until the last of them has settled (Node), or only while
   * one microtask turn lasts (edges, where the next turn may belong to another request).
   */
  readonly sharesRoot: 'while-busy' | 'turn'
  /** Whether one invocation may wait for a promise of another: on edges that promise may belong to a request that has ended. */
  readonly sharesLoads: boolean
  /** Runs once pending I/O callbacks and microtasks are through. */
  readonly afterwards: (callback: () => void) => void
  /** Where events are published beside `onEvent`: a channel of `node:diagnostics_channel`. Default: nowhere. */
  readonly channel?: { readonly hasSubscribers: boolean; publish(event: CacheEvent): void }
  /** The clock, epoch ms. Default: the system's. */
  readonly now?: () => number
  /** From 0 up to 1. Default: Math.random. */
  readonly random?: () => number
}
