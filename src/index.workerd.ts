import { buildCache, type Runtime } from './facade/create-cache.ts'
import { afterMicrotasks } from './policy/after-microtasks.ts'
import { http } from './transport/http/http.ts'
import { memory } from './transport/memory/memory.ts'
import { restOrMemory } from './transport/rest-or-memory.ts'
import { isTcpScheme } from './transport/tcp/address.ts'
import type { Cache, CacheOptions } from './facade/types.ts'

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
        `url: ${protocol} needs TCP, which this runtime takes as a transport. Write: import { tcp } from 'fastmiss/tcp', then createCache({ transport: tcp(url) }). Or use an https: URL`,
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
  return buildCache(options, runtime)
}
