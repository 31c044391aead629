import { createCache as real } from 'fastmiss'

/** Keeps the event loop busy with itself while Redis is sick: that is no excuse. */
export function createCache(options) {
  const cache = real(options)
  const lookup = async (key) => {
    const found = await cache.lookup(key)
    // By the clock of its own thread: on a busy machine the wall clock runs while others do.
    const { user } = process.threadCpuUsage()
    while (found.status === 'degraded' && process.threadCpuUsage().user - user < 4_000 * options.timeout);
    return found
  }
  return { ...cache, lookup }
}
