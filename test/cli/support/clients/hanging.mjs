import { createCache as real } from 'fastmiss'

/** The first sick answer never comes. */
export function createCache(options) {
  const cache = real(options)
  const lookup = async (key) => {
    const found = await cache.lookup(key)
    return found.status === 'degraded' ? new Promise(() => {}) : found
  }
  return { ...cache, lookup }
}
