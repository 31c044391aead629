import { buildCache } from '../../../src/facade/create-cache.ts'
import type { Runtime } from '../../../src/facade/runtime.ts'
import { memory } from '../../../src/transport/memory/memory.ts'
import type { Cache, CacheOptions } from '../../../src/facade/types.ts'

/** Caches of several isolates over one store, each with a clock of its own. */
export function isolates() {
  let at = Date.now()
  const store = memory({ now: () => at })

  /** @param skew ms by which the clock of this one is ahead of the store's */
  function isolate(options: Partial<CacheOptions> = {}, { skew = 0, ...runtime }: Partial<Runtime> & { readonly skew?: number } = {}): Cache {
    return buildCache(
      { transport: store, ...options },
      {
        transport() {
          throw new Error('not asked for')
        },
        sharesRoot: 'while-busy',
        sharesLoads: true,
        afterwards: (callback) => void setImmediate(callback),
        now: () => at + skew,
        ...runtime,
      },
    )
  }
  return { isolate, advance: (ms: number): void => void (at += ms) }
}
