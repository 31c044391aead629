import { createClient, type RedisClientOptions } from 'redis'
import { BOUND, hitOrMiss, type Open, type Openers } from '../subject.ts'

/** The README's "Basic example": a listener for errors, and `await connect()` before the first command. */
const defaults: Open = ({ url }, onError) => {
  const client = clientOf({ url }, onError)
  const connected = async (): Promise<void> => void (client.isOpen || (await client.connect()))
  return {
    get: async (key) => (await connected(), hitOrMiss(await client.get(key))),
    set: async (key, value) => (await connected(), (await client.set(key, value)) === 'OK'),
    close: () => client.close(),
  }
}

/** The bounds of a connection, with the strategy of the documentation's own example. */
export const BEST_SOCKET = {
  connectTimeout: BOUND,
  socketTimeout: BOUND,
  reconnectStrategy: (retries: number): number => Math.min(2 ** retries * 50, 2_000) + Math.floor(Math.random() * 200),
} as const

/**
 * `docs/client-configuration.md`: `socket.connectTimeout`; `socket.socketTimeout`, the only bound on a command that was
 * written, with the "Reconnect Strategy" of that page, since the default one gives up after a socket timeout; and
 * `commandOptions.timeout`, the bound on a command that waits. Not awaited, `connect()` cannot hang. The offline queue stays
 * on: without it a healthy cold start loses its first commands (keyv #2068).
 */
const best: Open = ({ url }, onError) => {
  const client = clientOf({ url, commandOptions: { timeout: BOUND }, socket: BEST_SOCKET }, onError)
  client.connect().catch(onError)
  return {
    get: async (key) => hitOrMiss(await client.get(key)),
    set: async (key, value) => (await client.set(key, value)) === 'OK',
    close: async () => client.destroy(),
  }
}

function clientOf(options: RedisClientOptions, onError: () => void) {
  const client = createClient(options)
  client.on('error', onError)
  return client
}

export const openers: Openers = { defaults, best }
