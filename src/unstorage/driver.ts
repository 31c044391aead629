import { internalsOf } from '../facade/internals.ts'
import { environment } from '../options/environment.ts'
import { isOverTcp } from '../transport/is-over-tcp.ts'
import type { CacheOperations } from '../facade/operations.ts'
import type { CacheOptions } from '../facade/types.ts'
import { duration, refuseUnknown } from '../options/checks.ts'
import { CACHE_OPTIONS, resolveOptions } from '../options/resolve-options.ts'
import type { CacheSettings } from '../options/types.ts'
import type { DriverOptions, FastmissDriver, ItemOptions } from './types.ts'

/** How the runtime of the entry makes a cache. */
export interface DriverRuntime {
  readonly createCache: (options: CacheOptions) => CacheOperations & { close(): Promise<void> }
  readonly fromEnv: (env: object) => CacheSettings
  /** Whether a TCP connection may be kept between calls. */
  readonly keepsConnections: boolean
}

/** @throws TypeError or RangeError that names the option, what was given and what is allowed */
export function createDriver(options: DriverOptions, runtime: DriverRuntime): FastmissDriver {
  const { scanTimeout: given = 5_000, driver: _driver, ...rest } = options
  const scanTimeout = duration('scanTimeout', given, 1)
  const { open, close } = opener(rest, runtime)

  async function getKeys(base?: string): Promise<string[]> {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), scanTimeout)
    try {
      const keys = new Set<string>()
      for await (const key of open().keys({ prefix: beneath(base), signal: controller.signal })) keys.add(key)
      return [...keys]
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    name: 'fastmiss',
    flags: { ttl: true },
    options,
    getInstance: open,
    hasItem: async (key) => open().has(key),
    getItem: async (key) => (await open().get<string>(key)) ?? null,
    async getItems(items) {
      const values = await open().getMany<string>(items.map(({ key }) => key))
      return items.map(({ key }, index) => ({ key, value: values[index] ?? null }))
    },
    getItemRaw: async (key) => (await open().get(key)) ?? null,
    setItem: async (key, value, item) => void (await open().set(key, value, lifetimeOf(item))),
    setItems: async (items, common) =>
      void (await open().setMany(items.map(({ key, value, options: own }) => ({ key, value, ...lifetimeOf({ ...common, ...own }) })))),
    setItemRaw: async (key, value, item) => void (await open().set(key, value, lifetimeOf(item))),
    removeItem: async (key) => void (await open().delete(key)),
    async getMeta(key) {
      const found = await open().lookup(key)
      if (found.status !== 'hit') return null
      const { age, ttl } = found
      return { ...(age === undefined ? {} : { mtime: new Date(Date.now() - age) }), ...(ttl === undefined ? {} : { ttl: Math.ceil(ttl / 1_000) }) }
    },
    getKeys,
    clear: async (base) => void (await open().clear({ timeout: scanTimeout, ...(beneath(base) === '' ? {} : { prefix: beneath(base) }) })),
    dispose: close,
  }
}

/** How the cache is got. It is there at once, so that a wrong option throws at once; but for one that the environment names. */
function opener(
  options: CacheOptions | { readonly cache: CacheOperations },
  { createCache, fromEnv, keepsConnections }: DriverRuntime,
): { readonly open: () => CacheOperations; readonly close: () => Promise<void> } {
  if ('cache' in options) {
    const { cache } = options
    refuseUnknown('', options, ['cache', 'scanTimeout'])
    internalsOf(cache)
    return { open: () => cache, close: async () => {} }
  }
  refuseUnknown('', options, ['scanTimeout', 'cache', ...CACHE_OPTIONS])
  const create = (given: CacheOptions): ReturnType<typeof createCache> =>
    createCache(keepsConnections && isOverTcp(given) ? { connection: 'reuse', ...given } : given)
  const isNamed = options.url !== undefined || options.transport !== undefined
  let made = isNamed ? create(options) : undefined
  // An application is built, and Workers begin, where there is no environment yet.
  if (!isNamed) resolveOptions(options)
  return {
    open: () => (made ??= create({ ...options, ...fromEnv(environment()) })),
    close: async () => made?.close(),
  }
}

/** unstorage asks with `a:b:`; who calls a driver may leave out the last colon. */
function beneath(base = ''): string {
  return base === '' || base.endsWith(':') ? base : `${base}:`
}

/** Seconds to ms; none, and 0 as in unstorage's own drivers, takes the cache's. */
function lifetimeOf(item: ItemOptions = {}): { readonly ttl?: number } {
  return item.ttl === undefined || item.ttl === 0 ? {} : { ttl: item.ttl * 1_000 }
}
