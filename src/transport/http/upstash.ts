import { CacheError } from '../../errors.ts'
import { isObject } from '../../options/checks.ts'
import { openHttp } from './connection.ts'
import { protocolError, toHttpError } from './errors.ts'
import { toReplies } from './exchange.ts'
import type { Command, Reply, Transport } from '../transport.ts'

/** A `Redis` of `@upstash/redis`, told by what it can do: its class need not be installed for the types to hold. */
export interface UpstashRedis {
  pipeline(): unknown
  multi(): unknown
}

/** What sends its requests; `Redis` keeps it under `client` (@upstash/redis 1.30 to 1.39). */
interface UpstashRequester {
  request(request: { readonly path: string[]; readonly body: unknown; readonly signal: () => AbortSignal }): Promise<unknown>
}

/**
 * Redis over Upstash's REST interface, by your own client of `@upstash/redis`: its address, token, headers, middleware and telemetry,
 * and around it the bounds, the cooldown and the outcomes of this package. What is asked for in one turn is one request.
 *
 * What your client is set to still happens within one request, and three settings can break a promise:
 * - `retry`: it retries five times by default, for seconds, and goes on after the operation was answered `timeout`. Set
 *   `retry: { retries: 0 }`; `retry: false` is one retry.
 * - it follows redirects: a server that redirects is sent the values, and the token where the host is the same.
 * - it reads an answer of any length into memory.
 *
 * Without a client of your own, `createCache({ url, token })` speaks the same protocol and keeps every promise.
 *
 * @param redis a `Redis` of `@upstash/redis`, or of its entry for Cloudflare or Fastly
 * @throws TypeError where it is none
 * @example
 * ```ts
 * import { Redis } from '@upstash/redis'
 * import { createCache } from 'fastmiss'
 * import { upstash } from 'fastmiss/upstash'
 * const cache = createCache({ transport: upstash(Redis.fromEnv({ retry: { retries: 0 } })) })
 * ```
 */
export function upstash(redis: UpstashRedis): Transport {
  const requester = requesterOf(redis)
  const exchange = (commands: readonly Command[], signal: AbortSignal): Promise<readonly Reply[]> => pipeline(requester, commands, signal)
  return { name: 'http', spansSlots: true, isConnectionless: true, open: () => openHttp(exchange) }
}

async function pipeline(requester: UpstashRequester, commands: readonly Command[], signal: AbortSignal): Promise<readonly Reply[]> {
  let answer: unknown
  try {
    // As a function: with a signal itself the client makes up an answer where it fires.
    answer = await requester.request({ path: ['pipeline'], body: commands, signal: () => signal })
  } catch (error) {
    throw toClientError(error)
  }
  return toReplies(answer, commands)
}

/** What the client throws quotes the commands, values included, and has no status: it is told by its name and first words. */
function toClientError(error: unknown): CacheError {
  if (!(error instanceof Error)) return toHttpError(error)
  const { name, message } = error
  if (name === 'UpstashJSONParseError') return protocolError('an answer that is not JSON')
  if (name !== 'UpstashError') return toHttpError(error)
  const details = { cause: { name }, isFatal: true, isOutage: true }
  if (/^(Unauthorized|WRONGPASS|NOAUTH|Forbidden)/i.test(message)) return new CacheError('auth', 'The server refused the token', details)
  return new CacheError('reply', 'The server answered with an error', details)
}

function requesterOf(redis: unknown): UpstashRequester {
  const client: unknown = isObject(redis) ? Reflect.get(redis, 'client') : undefined
  if (isObject(client) && typeof Reflect.get(client, 'request') === 'function') return client as UpstashRequester
  throw new TypeError('redis: expected a client of @upstash/redis, as in upstash(new Redis({ url, token }))')
}
