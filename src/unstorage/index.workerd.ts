import { createCache, fromEnv } from '../index.workerd.ts'
import { createDriver } from './driver.ts'
import type { DriverOptions, FastmissDriver } from './types.ts'

export { CacheError } from '../errors.ts'
export type { DriverOptions, DriverSettings, FastmissDriver, ItemOptions } from './types.ts'

/** As in `index.ts`, over Upstash's REST API and memory; TCP is handed in: `fastmiss({ transport: tcp(url) })`. */
export default function fastmiss(options: DriverOptions): FastmissDriver {
  return createDriver(options, { createCache, fromEnv, keepsConnections: false })
}
