import { buildCache, checkTarget } from './facade/create-cache.ts'
import type { Runtime } from './facade/runtime.ts'
import { afterMicrotasks } from './policy/after-microtasks.ts'
import { http } from './transport/http/http.ts'
import { memory } from './transport/memory/memory.ts'
import { restOrMemory } from './transport/rest-or-memory.ts'
import { isTcpScheme } from './transport/tcp/address.ts'
import type { Cache, CacheOptions } from './facade/types.ts'
import { settingsFromEnv } from './options/from-env.ts'
import type { CacheSettings } from './options/types.ts'
import { isNodesScheme, parseUrl, schemeOf } from './options/url.ts'

export * from './facade/public.ts'

/** Workers and other edges: HTTP and memory; TCP is handed in as `transport`, so that no byte of its driver is bundled unasked. */
const runtime: Runtime = {
  transport(options) {
    const { protocol } = options.url
    if (options.nodes !== undefined) {
      const name = protocol.includes('cluster') ? 'cluster' : 'sentinel'
      throw new TypeError(
        `url: ${protocol} needs TCP, which this runtime takes as a transport. Write: import { ${name} } from 'fastmiss/tcp', then createCache({ transport: ${name}(url) })`,
      )
    }
    if (isTcpScheme(protocol)) {
      throw new TypeError(
        `url: ${protocol} needs TCP, which this runtime takes as a transport. Write: import { tcp } from 'fastmiss/tcp', then createCache({ transport: tcp(url) }). Or use an https: URL. fromEnv() reads it from REDIS_URL where no UPSTASH_REDIS_REST_URL or KV_REST_API_URL is set`,
      )
    }
    return restOrMemory(options, http, memory)
  },
  sharesRoot: 'turn',
  sharesLoads: false,
  afterwards: (callback) => void afterMicrotasks(async () => callback()),
}

/**
 * Makes a cache over Redis. Make it once per isolate, at module scope: one made per request forgets its cooldown.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 */
export function createCache<Key extends string = string, Tag extends string = string>(options: CacheOptions): Cache<Key, Tag> {
  // Which keys and tags there are is the caller's claim.
  return buildCache(options, runtime) as Cache<string, string> as Cache<Key, Tag>
}

/**
 * Options from the environment: `UPSTASH_REDIS_REST_URL` with `UPSTASH_REDIS_REST_TOKEN`, else `KV_REST_API_URL` with
 * `KV_REST_API_TOKEN`, else `REDIS_URL`, whose address is for `tcp(url)`, `cluster(url)` or `sentinel(url)` here.
 * There is no fall back to memory: a missing variable in production must not look like a cache.
 *
 * @param env a Worker's `env`
 * @returns options for `createCache`; spread them to add others
 * @throws TypeError that names the variable: none is set, a URL lacks its token, or one holds what cannot be used
 */
export function fromEnv(env: object): CacheSettings {
  return settingsFromEnv(env, 'rest', (settings) => {
    const { url = '' } = settings
    // For tcp(url), cluster(url) or sentinel(url), which check it.
    if (!isNodesScheme(schemeOf(url)) && !isTcpScheme(parseUrl(url).protocol)) checkTarget(settings, runtime)
  })
}
