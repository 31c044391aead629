import { connect as connectTls } from 'node:tls'
import { checkFunction, describe, duration, isObject, refuseUnknown } from '../../options/checks.ts'
import type { CreateClient, Credentials } from '../../options/types.ts'
import { parseAddress } from './address.ts'
import { tcpTo } from './tcp-to.ts'
import type { Transport } from '../transport.ts'

/** Options of {@link tcp}. */
export interface TcpOptions {
  /** ms to open a connection, TLS and Redis handshake included. Default: whatever the operation has left. */
  readonly connectTimeout?: number
  /** `createClient` from `redis` or `@redis/client`, instead of the built-in driver. */
  readonly createClient?: CreateClient
  /** Options for `tls.connect`; needs `rediss:`. */
  readonly tls?: Readonly<Record<string, unknown>>
  /** Asked once per connection, inside the deadline; instead of user name and password in the URL. */
  readonly credentials?: Credentials
}

/**
 * Redis over TCP, by node-redis. On Node `createCache({ url })` does this by itself; on Workers (with `nodejs_compat`) hand it in.
 *
 * @param url `redis://user:password@host:6379/0`, `rediss://…` or `unix:///path/to/socket?db=0`
 * @throws TypeError or RangeError where the URL or an option cannot be used
 * @example
 * ```ts
 * import { createCache } from 'fastmiss'
 * import { tcp } from 'fastmiss/tcp'
 * const cache = createCache({ transport: tcp('rediss://cache.example.com:6379') })
 * ```
 */
export function tcp(url: string, options: TcpOptions = {}): Transport {
  if (!isObject(options)) throw new TypeError(`options: expected an object, got ${describe(options)}`)
  refuseUnknown('', options, ['connectTimeout', 'createClient', 'tls', 'credentials'])
  const { connectTimeout, createClient, credentials } = options
  if (connectTimeout !== undefined) duration('connectTimeout', connectTimeout, 1)
  checkFunction('createClient', createClient)
  checkFunction('credentials', credentials)
  return tcpTo(parseAddress(url, options), { connectTimeout, createClient, connectTls })
}
