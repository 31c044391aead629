import { createRequire } from 'node:module'

/** Set by the build: the version of node-redis that is in the package. */
declare const NODE_REDIS_VERSION: string

/** @returns the version of this package, as package.json has it, and that of the driver in it */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('fastmiss/package.json') as { version: string }
  return `${version} (node-redis ${NODE_REDIS_VERSION})`
}
