import { internalsOf } from '../facade/internals.ts'
import { isOverTcp } from '../transport/is-over-tcp.ts'
import type { CacheOperations } from '../facade/operations.ts'
import type { CacheOptions } from '../facade/types.ts'
import { duration, refuseUnknown } from '../options/checks.ts'
import type { DriverOptions, FastmissDriver, ItemOptions } from './types.ts'

/** How the runtime of the entry makes a cache. */
export interface DriverRuntime {
  readonly createCache: (options: CacheOptions) => CacheOperations & { close(): Promise<void> }
  /** Whether a TCP connection may be kept between calls. */
  readonly keepsConnections: boolean
}

/** @throws TypeError or RangeError that names the option, what was given and what is allowed */
export function createDriver(options: DriverOptions, runtime: DriverRuntime): FastmissDriver {
  const { scanTimeout: given = 5_000, ...rest } = options
  const scanTimeout = duration('scanTimeout', given, 1)
  const { cache, close } = openCache(rest, runtime)

  async function getKeys(base?: string): Promise<string[]> {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), scanTimeout)
    try {
      const keys = new Set<string>()
      for await (const key of cache.keys({ prefix: beneath(base), signal: controller.signal })) keys.add(key)
      return [...keys]
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    name: 'fastmiss',
    flags: { ttl: true },
    options,
    getInstance: () => cache,
    hasItem: (key) => cache.has(key),
    getItem: async (key) => (await cache.get<string>(key)) ?? null,
    async getItems(items) {
      const values = await cache.getMany<string>(items.map(({ key }) => key))
      return items.map(({ key }, index) => ({ key, value: values[index] ?? null }))
    },
    getItemRaw: async (key) => (await cache.get(key)) ?? null,
    setItem: async (key, value, item) => void (await cache.set(key, value, lifetimeOf(item))),
    setItems: async (items, common) =>
      void (await cache.setMany(items.map(({ key, value, options: own }) => ({ key, value, ...lifetimeOf({ ...common, ...own }) })))),
    setItemRaw: async (key, value, item) => void (await cache.set(key, value, lifetimeOf(item))),
    removeItem: async (key) => void (await cache.delete(key)),
    async getMeta(key) {
      const found = await cache.lookup(key)
      if (found.status !== 'hit') return null
      const { age, ttl } = found
      return { ...(age === undefined ? {} : { mtime: new Date(Date.now() - age) }), ...(ttl === undefined ? {} : { ttl: Math.ceil(ttl / 1_000) }) }
    },
    getKeys,
    clear: async (base) => void (await cache.clear({ timeout: scanTimeout, ...(beneath(base) === '' ? {} : { prefix: beneath(base) }) })),
    dispose: close,
  }
}

function openCache(
  options: CacheOptions | { readonly cache: CacheOperations },
  { createCache, keepsConnections }: DriverRuntime,
): { readonly cache: CacheOperations; readonly close: () => Promise<void> } {
  if ('cache' in options) {
    const { cache } = options
    refuseUnknown('', options, ['cache', 'scanTimeout'])
    internalsOf(cache)
    return { cache, close: async () => {} }
  }
  const cache = createCache(keepsConnections && isOverTcp(options) ? { connection: 'reuse', ...options } : options)
  return { cache, close: () => cache.close() }
}

/** unstorage asks with `a:b:`; who calls a driver may leave out the last colon. */
function beneath(base = ''): string {
  return base === '' || base.endsWith(':') ? base : `${base}:`
}

/** Seconds to ms; none, and 0 as in unstorage's own drivers, takes the cache's. */
function lifetimeOf(item: ItemOptions = {}): { readonly ttl?: number } {
  return item.ttl === undefined || item.ttl === 0 ? {} : { ttl: item.ttl * 1_000 }
}
