import type { RedisClientOptions, RedisFunctions, RedisModules, RedisScripts } from '@redis/client'
import type { TcpAddress } from './address.ts'

/** What is used of a node-redis client. */
export interface Driver {
  connect(): Promise<unknown>
  sendCommand(args: readonly string[]): Promise<unknown>
  /** At once where no command waits for a reply. */
  close(): Promise<unknown>
  destroy(): void
  unref(): void
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'connect' | 'ready', listener: () => void): unknown
}

/** node-redis's options for RESP 2. */
export type DriverOptions = RedisClientOptions<RedisModules, RedisFunctions, RedisScripts, 2>

/**
 * No timer: the socket is ours to end. The driver leaves a timer that was set for the connect on the connected socket, and workerd
 * (2026-07) then adds a timer and a listener to it with each chunk.
 */
const NO_TIMEOUT = 0

/**
 * node-redis's options for one connection, every default that matters set explicitly (@redis/client 6.3).
 *
 * @param signal ends the socket before it is connected; undefined where something else does
 */
export function driverOptions({ socket, isTls, database, credentials }: TcpAddress, signal: AbortSignal | undefined): DriverOptions {
  return {
    socket: {
      ...socket,
      tls: isTls,
      ...(signal === undefined ? {} : { signal }),
      reconnectStrategy: false,
      connectTimeout: NO_TIMEOUT,
      noDelay: true,
      keepAlive: true,
      // The driver's type leaves out what it hands through to net.connect, such as the signal.
    } as NonNullable<DriverOptions['socket']>,
    database,
    ...(credentials === undefined ? {} : { credentialsProvider: { type: 'async-credentials-provider', credentials } }),
    // RESP 3 costs a HELLO; maintenance notifications a DNS lookup, and Deno's permission for the environment.
    RESP: 2,
    maintNotifications: 'disabled',
    disableClientInfo: true,
    // A command that waits for the connection rides behind its handshake; without the queue the first get would fail.
    disableOfflineQueue: false,
    pingInterval: 0,
    // Its per-command timeout is an AbortSignal each; the deadline is ours.
    commandOptions: { timeout: 0 },
  }
}
