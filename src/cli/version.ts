import { createRequire } from 'node:module'

/** @returns the version of this package, as package.json has it */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('fastmiss/package.json') as { version: string }
  return version
}
