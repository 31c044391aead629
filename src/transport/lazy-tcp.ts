import { CacheError, scrub } from '../errors.ts'
import type { TransportOptions } from '../options.ts'
import type { Connection, Transport } from './transport.ts'

/**
 * TCP whose driver is imported when it is first asked for: importing it takes 60 to 200 ms of CPU, which HTTP and memory
 * must not pay.
 */
export function lazyTcp(options: TransportOptions): Transport {
  let loaded: Transport | undefined
  let problem: unknown
  const { connectTimeout, createClient, tls, credentials, url } = options

  async function load(): Promise<void> {
    try {
      const { tcp } = await import('./tcp.ts')
      loaded = tcp(url.href, {
        connectTimeout,
        ...(createClient === undefined ? {} : { createClient }),
        ...(tls === undefined ? {} : { tls }),
        ...(credentials === undefined ? {} : { credentials }),
      })
    } catch (error) {
      problem = error
    }
  }
  return { name: 'tcp', spansSlots: false, load, open: () => loaded?.open() ?? unavailable(problem) }
}

/** The driver cannot be imported, for example because a bundler left it out: a degraded answer, like any other failure. */
function unavailable(problem: unknown): Connection {
  const error = new CacheError('unreachable', 'The TCP driver @redis/client could not be loaded', {
    cause: scrub(problem),
    isFatal: true,
    isOutage: true,
  })
  return { send: (commands) => Promise.resolve(commands.map(() => error)), isUsable: false, close: () => {} }
}
