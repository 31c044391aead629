import type { RedisClientOptions, RedisFunctions, RedisModules, RedisScripts } from '@redis/client'
import type { NameOptions } from '../lookup.ts'
import type { Command } from '../transport.ts'
import type { TcpAddress } from './address.ts'

/** What is used of a node-redis client. */
export interface Driver {
  connect(): Promise<unknown>
  sendCommand(args: readonly string[]): Promise<unknown>
  /** Only the driver in the package: many commands, each of whose replies one of the two is called with (bundle/node-redis-pipeline.mjs). */
  sendPipeline?(commands: readonly Command[], take: (reply: unknown) => void, takeError: (error: unknown) => void): void
  /** At once where no command waits for a reply. */
  close(): Promise<unknown>
  destroy(): void
  unref(): void
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'connect' | 'ready', listener: () => void): unknown
}

/** node-redis's options for RESP 2. */
export type DriverOptions = RedisClientOptions<RedisModules, RedisFunctions, RedisScripts, 2>

/** `connect` of `node:tls`, as far as the driver calls it. */
export type ConnectTls = (options: never) => object

/** What the driver is given beside the address. */
export interface Given {
  /** Ends the socket before it is connected; undefined where something else does. */
  readonly signal: AbortSignal | undefined
  readonly connectTls: ConnectTls | undefined
  /** How names are looked up; undefined: as the runtime does. */
  readonly names: NameOptions | undefined
}

/**
 * No timer: the socket is ours to end. The driver leaves a timer that was set for the connect on the connected socket, and workerd
 * (2026-07) then adds a timer and a listener to it with each chunk.
 */
const NO_TIMEOUT = 0

/** node-redis's options for one connection, every default that matters set explicitly (@redis/client 6.3). */
export function driverOptions({ socket, isTls, database, credentials }: TcpAddress, { signal, connectTls, names }: Given): DriverOptions {
  return {
    socket: {
      ...socket,
      tls: isTls,
      ...(signal === undefined ? {} : { signal }),
      // The driver in the package imports no TLS by itself (bundle/node-redis.mjs).
      ...(isTls ? { connectTls } : {}),
      ...names,
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
