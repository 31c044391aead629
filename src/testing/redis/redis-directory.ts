import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a directory for one Redis. @returns its path */
export function redisDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'fastmiss-redis-'))
}

/** @returns the path of the unix socket in such a directory */
export function socketPathIn(directory: string): string {
  return join(directory, 'redis.sock')
}
