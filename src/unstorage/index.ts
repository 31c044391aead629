import { createCache, fromEnv } from '../index.ts'
import { createDriver } from './driver.ts'
import type { DriverOptions, FastmissDriver } from './types.ts'

export { CacheError } from '../errors.ts'
export type { DriverOptions, DriverSettings, FastmissDriver, ItemOptions } from './types.ts'

/**
 * A driver for unstorage over TCP, Upstash and memory: a Redis that cannot be reached is a fast miss.
 *
 * @throws TypeError or RangeError that names the option, what was given and what is allowed
 * @example
 * ```ts
 * import fastmiss from 'fastmiss/unstorage'
 * import { createStorage } from 'unstorage'
 * const storage = createStorage({ driver: fastmiss({ url: 'redis://localhost:6379', namespace: 'app' }) })
 * ```
 */
export default function fastmiss(options: DriverOptions): FastmissDriver {
  return createDriver(options, { createCache, fromEnv, keepsConnections: true })
}
