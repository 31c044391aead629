import { RedisClient } from '@redis/client'
import { CacheError } from '../../errors.ts'
import type { CreateClient } from '../../options/types.ts'
import type { TcpAddress } from './address.ts'
import { openConnection } from './connection.ts'
import { type ConnectTls, type Driver, driverOptions } from './driver.ts'
import { createHangUps } from './hang-up.ts'
import type { NameOptions } from '../lookup.ts'
import type { Transport } from '../transport.ts'

/** What is given beside an address. */
export interface TcpToOptions {
  /** ms; undefined for whatever the operation has left. */
  readonly connectTimeout?: number | undefined
  /** Instead of the built-in driver. */
  readonly createClient?: CreateClient | undefined
  /** `connect` of `node:tls`; the built-in driver needs it where the address is one of TLS. */
  readonly connectTls: ConnectTls | undefined
  /** How names are looked up. Default: as the runtime does. */
  readonly names?: NameOptions | undefined
}

/** TCP to an address that is checked already, by node-redis. */
export function tcpTo(address: TcpAddress, { connectTimeout, createClient, connectTls, names }: TcpToOptions): Transport {
  function newDriver(signal: AbortSignal | undefined): Driver {
    const options = driverOptions(address, { signal, connectTls, names })
    // The class itself, not its factory: building all command methods takes 40 ms of CPU, and a cache sends raw commands.
    return createClient === undefined ? new RedisClient(options) : asDriver(createClient(options as never))
  }
  const closed = new CacheError('closed', 'The connection was closed', { isFatal: true })
  const connectionOptions = { connectTimeout, ridesBehindHandshake: address.database === 0, closed, endable: createHangUps() }
  return { name: 'tcp', spansSlots: false, open: () => openConnection(newDriver, connectionOptions) }
}

/** The caller's `createClient` may come from another version of the package. */
function asDriver(client: unknown): Driver {
  const driver = client as Partial<Driver> | null | undefined
  if (typeof driver?.sendCommand === 'function' && typeof driver.destroy === 'function') return driver as Driver
  throw new CacheError('protocol', 'createClient: expected the one of redis or @redis/client, version 5 or later', { isFatal: true })
}
