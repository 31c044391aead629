import KeyvRedis, { createClient } from '@keyv/redis'
import { BOUND } from '../subject.ts'

/** The README of @keyv/redis, "Usage". */
export const defaultStore = (url: string): KeyvRedis<string> => new KeyvRedis(url)

/**
 * The README of cacheable, "Non-Blocking with @keyv/redis": an own client with `disableOfflineQueue: true` and
 * `socket.reconnectStrategy: false`, and `throwOnConnectError: false`. (`createKeyvNonBlocking()`, which it recommends as the
 * short form, sets the two on a client that has already copied its options.) Besides, `connectionTimeout` of the README of
 * @keyv/redis, and node-redis's own bounds.
 */
export function bestStore(url: string): KeyvRedis<string> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: BOUND },
    socket: { connectTimeout: BOUND, socketTimeout: BOUND, reconnectStrategy: false },
  })
  return new KeyvRedis(client, { throwOnConnectError: false, connectionTimeout: BOUND })
}
