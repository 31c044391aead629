import { checkSecret, describe, isObject } from '../options/checks.ts'
import type { Credentials } from '../options/types.ts'

/** Options of `@keyv/redis` 5 and of its node-redis client that are understood, so that they may stay where they are. */
export interface KeyvRedisOptions {
  /** @keyv/redis: is `connectTimeout` here. */
  readonly connectionTimeout?: number
  /** @keyv/redis: only `::`, its default. */
  readonly keyPrefixSeparator?: string
  /** @keyv/redis: only false. This store never throws for a fault of Redis; listen to `error`. */
  readonly throwOnConnectError?: boolean
  /** @keyv/redis: only false, its default. */
  readonly throwOnErrors?: boolean
  /** @keyv/redis: only true, its default. */
  readonly useUnlink?: boolean
  /** @keyv/redis: only false, its default. FLUSHDB would take away what is not the cache's. */
  readonly noNamespaceAffectsAll?: boolean
  /** @keyv/redis: needless, `clearTimeout` bounds a clear. */
  readonly clearBatchSize?: number
  /** node-redis: needless, a command waits for the connection for as long as `timeout` allows. */
  readonly disableOfflineQueue?: boolean
  /** node-redis: needless, nothing is pinged: a connection that idled for long is replaced before use. */
  readonly pingInterval?: number
  /** node-redis: `connectTimeout` is taken over; `reconnectStrategy` and `keepAlive` are needless. */
  readonly socket?: {
    readonly connectTimeout?: number
    readonly reconnectStrategy?: unknown
    readonly keepAlive?: unknown
    readonly keepAliveInitialDelay?: unknown
    readonly noDelay?: unknown
  }
  /** node-redis: is taken for `credentials`. */
  readonly username?: string
  /** node-redis: is taken for `credentials`. */
  readonly password?: string
}

/** What each of them may be, because it is so here anyway; and what to do instead. */
const FIXED = [
  ['keyPrefixSeparator', '::', 'keys are stored as namespace::key; see keyFormat'],
  ['throwOnConnectError', false, "this store never throws for a fault of Redis; listen to 'error', or use lookup() of the cache"],
  ['throwOnErrors', false, "this store never throws for a fault of Redis; listen to 'error', or use lookup() of the cache"],
  ['useUnlink', true, 'keys are always unlinked'],
  ['noNamespaceAffectsAll', false, 'clear() never removes what may not be its own; send FLUSHDB yourself'],
] as const

const SOCKET = ['connectTimeout', 'reconnectStrategy', 'keepAlive', 'keepAliveInitialDelay', 'noDelay']

/** What the cache is given instead. */
interface Translated {
  readonly connectTimeout?: number
  readonly credentials?: Credentials
}

/**
 * Takes over what @keyv/redis 5 and node-redis call differently.
 *
 * @returns options without any of those names
 * @throws TypeError where something is asked for that this store does not do: never a silent difference
 */
export function translate<Options extends KeyvRedisOptions>(options: Options): Omit<Options, keyof KeyvRedisOptions> & Translated {
  for (const [name, only, instead] of FIXED) {
    const given = options[name]
    if (given !== undefined && given !== only) throw new TypeError(`${name}: only ${JSON.stringify(only)}; ${instead}`)
  }
  const {
    connectionTimeout,
    socket = {},
    username,
    password,
    keyPrefixSeparator,
    throwOnConnectError,
    throwOnErrors,
    useUnlink,
    noNamespaceAffectsAll,
    clearBatchSize,
    disableOfflineQueue,
    pingInterval,
    ...rest
  } = options
  if (!isObject(socket)) throw new TypeError(`socket: expected an object, got ${describe(socket)}`)
  checkSecret('username', username)
  checkSecret('password', password)
  for (const name of Object.keys(socket)) {
    if (!SOCKET.includes(name))
      throw new TypeError(`socket.${name}: not taken over; host, port, database and rediss: for TLS belong in the url, TLS options in tls`)
  }
  const connectTimeout = connectionTimeout ?? socket.connectTimeout
  const login =
    username === undefined && password === undefined
      ? undefined
      : { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) }
  const translated: Translated = {
    ...(connectTimeout === undefined ? {} : { connectTimeout }),
    ...(login === undefined ? {} : { credentials: async () => login }),
  }
  if (login !== undefined && (rest as Translated).credentials !== undefined) {
    throw new TypeError(`${Object.keys(login)[0]}: is taken for credentials, which are given too; give one of them`)
  }
  return { ...translated, ...rest }
}
