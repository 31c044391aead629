import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Those that nobody but this process removes. */
const owned = new Set<string>()

/**
 * Makes a directory for one Redis. It is removed when this process ends, until it is disowned. At once: between making it and knowing of it
 * the process could end.
 *
 * @returns its path
 */
export function redisDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fastmiss-redis-'))
  // One listener for all: of more than ten Node warns.
  if (owned.size === 0) process.once('exit', removeOwned)
  owned.add(directory)
  return directory
}

/** Somebody else removes it, or it is gone. */
export function disown(directory: string): void {
  owned.delete(directory)
  if (owned.size === 0) process.removeListener('exit', removeOwned)
}

/** Removes it now. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
  disown(directory)
}

function removeOwned(): void {
  for (const directory of owned) rmSync(directory, { recursive: true, force: true })
}

/** @returns the path of the unix socket in such a directory */
export function socketPathIn(directory: string): string {
  return join(directory, 'redis.sock')
}
