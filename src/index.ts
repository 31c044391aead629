import { channel } from 'node:diagnostics_channel'
import { buildCache, checkTarget } from './facade/create-cache.ts'
import type { Runtime } from './facade/runtime.ts'
import type { HttpOptions } from './transport/http/endpoint.ts'
import { http } from './transport/http/http.ts'
import { lazyMemory } from './transport/memory/lazy-memory.ts'
import { lazyNodes } from './transport/lazy-nodes.ts'
import { lazyTcp } from './transport/tcp/lazy-tcp.ts'
import { nodeRequester } from './transport/http/node-requester.ts'
import { restOrMemory } from './transport/rest-or-memory.ts'
import { isTcpScheme } from './transport/tcp/address.ts'
import type { Transport } from './transport/transport.ts'
import type { Cache, CacheOptions } from './facade/types.ts'
import { settingsFromEnv } from './options/from-env.ts'
import type { CacheSettings } from './options/types.ts'

export * from './facade/public.ts'

/** HTTP by Node's own client. */
function overNode(options: HttpOptions): Transport {
  return http({ ...options, requester: nodeRequester(new URL(options.url).protocol) })
}

/** Node, Bun and Deno: every transport; node-redis is loaded when a TCP URL asks for it. */
const runtime: Runtime = {
  transport(options) {
    const { url, nodes } = options
    if (nodes !== undefined) return lazyNodes(nodes.href, nodes.options, options)
    return isTcpScheme(url.protocol) ? lazyTcp(options) : restOrMemory(options, overNode, lazyMemory)
  },
  sharesRoot: 'while-busy',
  sharesLoads: true,
  afterwards: (callback) => void setImmediate(callback),
  channel: channel('fastmiss:event'),
}

/**
 * Makes a cache over Redis. Make it once per isolate, at module scope: one made per request forgets its cooldown.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 * @example
 * ```ts
 * const cache = createCache({ url: 'redis://localhost:6379', namespace: 'app', ttl: 60_000 })
 * const user = (await cache.get<User>('user:1')) ?? (await loadUser(1))
 * ```
 */
export function createCache<Key extends string = string, Tag extends string = string>(options: CacheOptions): Cache<Key, Tag> {
  // Which keys and tags there are is the caller's claim.
  return buildCache(options, runtime) as Cache<string, string> as Cache<Key, Tag>
}

/**
 * Options from the environment: `REDIS_URL`, else `UPSTASH_REDIS_REST_URL` with `UPSTASH_REDIS_REST_TOKEN`, else
 * `KV_REST_API_URL` with `KV_REST_API_TOKEN`. There is no fall back to memory: a missing variable in production must
 * not look like a cache.
 *
 * @param env `process.env`
 * @returns options for `createCache`; spread them to add others
 * @throws TypeError that names the variable: none is set, a URL lacks its token, or one holds what cannot be used
 * @example
 * ```ts
 * const cache = createCache({ ...fromEnv(process.env), namespace: 'app' })
 * ```
 */
export function fromEnv(env: object): CacheSettings {
  return settingsFromEnv(env, 'tcp', (settings) => checkTarget(settings, runtime))
}
